package dev.quintet.platform.sql;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quintet.platform.Await;
import dev.quintet.platform.Refused;
import dev.quintet.platform.caller.Caller;
import dev.quintet.platform.keys.Keys;
import dev.quintet.platform.keys.MasterKey;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class OnceTest {

    private static final Caller ADA = caller("key:ada");
    private static final byte[] BODY = {1, 2, 3};

    private final Keys keys =
            new Keys(MasterKey.parse("0a".repeat(32)), List.of(), new SecureRandom());
    private TestDatabase test;
    private Database db;
    private Once once;

    @BeforeEach
    void open() {
        test = TestDatabase.create();
        db = test.database();
        once = new Once(db, keys);
        db.run(tx -> tx.handle().execute("create table public.effects (what text)"));
    }

    @AfterEach
    void close() {
        test.close();
    }

    @Test
    void a_retry_after_the_answer_was_lost_has_one_effect_and_the_same_answer() {
        byte[] first = ask(ADA, "k1", BODY);
        byte[] second = ask(ADA, "k1", BODY);
        assertThat(second).isEqualTo(first);
        assertThat(effects()).isEqualTo(1);
    }

    @Test
    void twenty_equal_requests_in_parallel_have_one_effect_and_one_answer() throws Exception {
        assertThat(inParallel(20)).hasSize(20).containsOnly(new String(ask(ADA, "k", BODY), UTF_8));
        assertThat(effects()).isEqualTo(1);
    }

    @Test
    void without_its_lock_parallel_requests_across_midnight_would_double_the_effect()
            throws Exception {
        // The planted fault: an advisory lock that locks nothing, and two days at once.
        db.run(tx ->
                tx.handle()
                        .execute(
                                """
                                create schema planted;
                                create function planted.pg_advisory_xact_lock(bigint) returns void
                                    language sql as 'select';
                                alter database %s set search_path = planted, pg_catalog, public
                                """
                                        .formatted(databaseName())));
        try (Database unlocked =
                Database.open(test.url(), Database.Limits.DEFAULT, (tx, events) -> {})) {
            once = new Once(unlocked, keys);
            acrossMidnight(1, others -> others.stream().allMatch(Future::isDone));
        }
        assertThat(effects()).isEqualTo(2);
    }

    @Test
    void the_same_key_with_another_body_is_refused() {
        ask(ADA, "k2", BODY);
        assertThatThrownBy(() -> ask(ADA, "k2", new byte[] {9}))
                .isInstanceOfSatisfying(
                        Refused.class,
                        refused -> {
                            assertThat(refused.refusal())
                                    .isEqualTo(SqlRefusal.IDEMPOTENCY_KEY_REUSED);
                            assertThat(refused.refusal().status()).isEqualTo(409);
                        });
        assertThat(effects()).isEqualTo(1);
    }

    @Test
    void two_callers_may_use_the_same_key() {
        ask(ADA, "k3", BODY);
        ask(caller("key:bob"), "k3", BODY);
        assertThat(effects()).isEqualTo(2);
    }

    @Test
    void work_that_fails_is_not_remembered() {
        assertThatThrownBy(() ->
                        once.run(
                                ADA,
                                "k4",
                                BODY,
                                tx -> {
                                    throw new IllegalStateException("planned");
                                }))
                .hasMessage("planned");
        ask(ADA, "k4", BODY);
        assertThat(effects()).isEqualTo(1);
    }

    @Test
    void the_same_key_before_and_after_midnight_has_one_effect() {
        dayIs("date '2026-11-21'");
        byte[] before = ask(ADA, "k5", BODY);
        dayIs("date '2026-11-22'");
        assertThat(ask(ADA, "k5", BODY)).isEqualTo(before);
        assertThat(effects()).isEqualTo(1);
    }

    @Test
    void the_same_key_in_parallel_across_midnight_has_one_effect() throws Exception {
        assertThat(acrossMidnight(19, others -> waitingForALock() == others.size())).hasSize(1);
        assertThat(effects()).isEqualTo(1);
    }

    @Test
    void days_are_made_ahead_and_those_nobody_may_ask_for_are_dropped() {
        dayIs("date '2026-11-21'");
        ask(ADA, "old", BODY);
        dayIs("date '2026-11-24'");
        assertThat(partitions()).contains("answers_20261127").doesNotContain("answers_20261121");
        ask(ADA, "old", BODY);
        assertThat(effects()).isEqualTo(2);
    }

    @Test
    void neither_answer_nor_body_can_be_read_from_the_table() {
        ask(ADA, "k6", "secret body".getBytes(UTF_8));
        String row =
                db.read(tx ->
                        tx.handle()
                                .createQuery(
                                        "select encode(answer, 'escape') || encode(body_hash, 'escape') from platform.answers")
                                .mapTo(String.class)
                                .one());
        assertThat(row).doesNotContain("answer ").doesNotContain("secret body");
    }

    private List<String> inParallel(int times) throws Exception {
        CountDownLatch start = new CountDownLatch(1);
        List<Future<String>> answers = new ArrayList<>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < times; i++) {
                answers.add(
                        threads.submit(() -> {
                            start.await();
                            return new String(ask(ADA, "k", BODY), UTF_8);
                        }));
            }
            start.countDown();
        }
        List<String> all = new ArrayList<>();
        for (Future<String> answer : answers) {
            all.add(answer.get());
        }
        return all;
    }

    private byte[] ask(Caller caller, String key, byte[] body) {
        return once.run(
                caller,
                key,
                body,
                tx -> {
                    tx.handle().execute("insert into public.effects values ('one')");
                    // Long enough that whoever is not kept out comes in.
                    tx.handle().execute("select pg_sleep(0.05)");
                    return ("answer " + UUID.randomUUID()).getBytes(UTF_8);
                });
    }

    /** One request works while the day changes and others ask the same; all their answers. */
    private Set<String> acrossMidnight(int times, Predicate<List<Future<String>>> release)
            throws Exception {
        dayIs("date '2026-11-21'");
        CountDownLatch working = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        Set<String> answers = new HashSet<>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<byte[]> first =
                    threads.submit(() ->
                            once.run(
                                    ADA,
                                    "k",
                                    BODY,
                                    tx -> {
                                        tx.handle()
                                                .execute(
                                                        "insert into public.effects values ('one')");
                                        working.countDown();
                                        await(goOn);
                                        return "the first".getBytes(UTF_8);
                                    }));
            working.await();
            List<Future<String>> others = new ArrayList<>();
            try {
                dayIs("date '2026-11-22'");
                for (int i = 0; i < times; i++) {
                    others.add(threads.submit(() -> new String(ask(ADA, "k", BODY), UTF_8)));
                }
                Await.until("the others met the first", () -> release.test(others));
            } finally {
                goOn.countDown();
            }
            answers.add(new String(first.get(), UTF_8));
            for (Future<String> other : others) {
                answers.add(other.get());
            }
        }
        return answers;
    }

    private int waitingForALock() {
        return db.read(tx ->
                tx.handle()
                        .createQuery(
                                "select count(*) from pg_locks where locktype = 'advisory' and not granted")
                        .mapTo(Integer.class)
                        .one());
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException failure) {
            throw new IllegalStateException(failure);
        }
    }

    private void dayIs(String expression) {
        db.run(tx ->
                tx.handle()
                        .execute(
                                "create or replace function platform.today() returns date language sql volatile as $$ select "
                                        + expression
                                        + " $$"));
        once.keepDays();
    }

    private int effects() {
        return db.read(tx ->
                tx.handle()
                        .createQuery("select count(*) from public.effects")
                        .mapTo(Integer.class)
                        .one());
    }

    private List<String> partitions() {
        return db.read(tx ->
                tx.handle()
                        .createQuery("select relname from pg_class where relname like 'answers_2%'")
                        .mapTo(String.class)
                        .list());
    }

    private String databaseName() {
        return test.url().jdbc().substring(test.url().jdbc().lastIndexOf('/') + 1);
    }

    private static Caller caller(String credential) {
        return new Caller(credential, Caller.ROOT, Optional.empty(), Set.of());
    }
}
