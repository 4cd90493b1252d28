package dev.quintet.platform.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quintet.platform.Deadline;
import dev.quintet.platform.PlatformRefusal;
import dev.quintet.platform.Refused;
import dev.quintet.platform.SecretWatch;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public final class DatabaseTest {

    /** A table whose rows end the session when they are committed. */
    public static final String DIES_IN_COMMIT =
            """
            create table public.dies (id int);
            create function public.die() returns trigger language plpgsql as
            'begin perform pg_terminate_backend(pg_backend_pid()); return null; end';
            create constraint trigger dies after insert on public.dies
            deferrable initially deferred for each row execute function public.die()
            """;

    private TestDatabase test;
    private Database db;

    @BeforeAll
    void open() {
        test = TestDatabase.create();
        db = test.database();
        db.run(tx -> tx.handle().execute("create table public.things (id int primary key, n int)"));
    }

    @AfterAll
    void close() {
        test.close();
    }

    @Test
    void work_that_fails_leaves_nothing_behind_and_what_should_follow_does_not() {
        List<String> followed = new ArrayList<>();
        assertThatThrownBy(() ->
                        db.run(tx -> {
                            tx.handle().execute("insert into public.things values (1, 1)");
                            tx.afterCommit(() -> followed.add("ran"));
                            throw new IllegalStateException("planned");
                        }))
                .hasMessage("planned");
        assertThat(followed).isEmpty();
        assertThat(count("id = 1")).isZero();
    }

    @Test
    void what_follows_a_commit_may_ask_the_database_even_in_a_share_of_one_connection() {
        Database one = db.share("a test", 1, 1);
        List<Integer> found = new ArrayList<>();
        one.run(tx -> {
            tx.handle().execute("insert into public.things values (7, 1)");
            tx.afterCommit(() ->
                    found.add(
                            one.read(in ->
                                    in.handle()
                                            .createQuery("select n from public.things where id = 7")
                                            .mapTo(Integer.class)
                                            .one())));
        });
        assertThat(found).containsExactly(1);
    }

    @Test
    void an_error_says_what_failed_and_no_value_of_any_row() {
        String secret = SecretWatch.made("a-value-that-no-log-may-show");
        db.run(tx ->
                tx.handle()
                        .execute(
                                "create table public.words (id int primary key, word text check (word = 'good'))"));
        List<Consumer<Handle>> failing =
                List.of(
                        handle ->
                                handle.createUpdate("insert into public.words values (1, :word)")
                                        .bind("word", secret)
                                        .execute(),
                        handle ->
                                handle.prepareBatch("insert into public.words values (2, :word)")
                                        .bind("word", secret)
                                        .add()
                                        .execute());
        for (Consumer<Handle> statement : failing) {
            assertThatThrownBy(() -> db.run(tx -> statement.accept(tx.handle())))
                    .hasMessageContaining("words_word_check")
                    .satisfies(failure -> assertThat(stackTrace(failure)).doesNotContain(secret));
        }
    }

    /** With all causes, as a log shows it. */
    private static String stackTrace(Throwable failure) {
        StringWriter text = new StringWriter();
        failure.printStackTrace(new PrintWriter(text));
        return text.toString();
    }

    @Test
    void two_transactions_in_a_deadlock_both_succeed() throws Exception {
        db.run(tx -> tx.handle().execute("insert into public.things values (10, 0), (11, 0)"));
        CountDownLatch bothHoldOne = new CountDownLatch(2);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var one = threads.submit(() -> addTo(10, 11, bothHoldOne));
            var other = threads.submit(() -> addTo(11, 10, bothHoldOne));
            one.get();
            other.get();
        }
        assertThat(count("id in (10, 11) and n = 2")).isEqualTo(2);
    }

    @Test
    void a_connection_that_is_lost_in_its_commit_is_a_refusal_that_says_to_repeat() {
        db.run(tx -> tx.handle().execute(DIES_IN_COMMIT));
        assertThatThrownBy(() ->
                        db.run(tx -> tx.handle().execute("insert into public.dies values (1)")))
                .isInstanceOfSatisfying(
                        Refused.class,
                        refused ->
                                assertThat(refused.refusal())
                                        .isEqualTo(PlatformRefusal.DATABASE_LOST));
    }

    @Test
    void a_connection_that_is_lost_before_its_commit_changed_nothing() {
        for (String end :
                List.of(
                        "select pg_terminate_backend(pg_backend_pid())",
                        "select pg_terminate_backend(pg_backend_pid()); select 1")) {
            assertThatThrownBy(() -> db.run(tx -> tx.handle().execute(end)))
                    .isInstanceOfSatisfying(
                            Refused.class,
                            refused ->
                                    assertThat(refused.refusal())
                                            .isEqualTo(PlatformRefusal.DATABASE_AWAY));
        }
        assertThat(count("id = 1")).as("the pool connects again").isZero();
    }

    @Test
    void a_statement_ends_at_the_deadline_of_its_request() {
        assertThatThrownBy(() ->
                        db.tx(
                                Deadline.in(Duration.ofMillis(200)),
                                tx -> tx.handle().execute("select pg_sleep(20)")))
                .isInstanceOfSatisfying(
                        Refused.class,
                        refused ->
                                assertThat(refused.refusal())
                                        .isEqualTo(PlatformRefusal.DEADLINE_PASSED));
    }

    @Test
    void a_system_at_its_share_is_refused_and_others_go_on() {
        Database small = db.share("small", 1, 1);
        Refused refused =
                small.tx(tx -> {
                    Refused second =
                            org.junit.jupiter.api.Assertions.assertThrows(
                                    Refused.class,
                                    () -> small.tx(Deadline.in(Duration.ofMillis(20)), inner -> 1));
                    assertThat(db.<Integer>tx(inner -> 2)).isEqualTo(2);
                    return second;
                });
        assertThat(refused.refusal()).isEqualTo(PlatformRefusal.BUSY);
        assertThat(refused.detail()).contains("small's share");
    }

    @Test
    void a_read_cannot_write() {
        assertThatThrownBy(() ->
                        db.read(tx ->
                                tx.handle().execute("insert into public.things values (2, 2)")))
                .hasMessageContaining("read-only");
        assertThat(
                        db.<Integer>tx(tx ->
                                tx.handle().execute("delete from public.things where id = 2")))
                .isZero();
    }

    private boolean addTo(int first, int second, CountDownLatch bothHoldOne) {
        return db.tx(tx -> {
            tx.handle().execute("update public.things set n = n + 1 where id = ?", first);
            bothHoldOne.countDown();
            try {
                bothHoldOne.await();
            } catch (InterruptedException failure) {
                throw new IllegalStateException(failure);
            }
            tx.handle().execute("update public.things set n = n + 1 where id = ?", second);
            return true;
        });
    }

    private int count(String where) {
        return db.read(tx ->
                tx.handle()
                        .createQuery("select count(*) from public.things where " + where)
                        .mapTo(Integer.class)
                        .one());
    }
}
