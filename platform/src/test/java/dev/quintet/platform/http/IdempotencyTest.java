package dev.quintet.platform.http;

import static dev.quintet.platform.http.HttpRefusal.INVALID_FIELD;
import static dev.quintet.platform.sql.SqlRefusal.IDEMPOTENCY_KEY_REUSED;
import static org.assertj.core.api.Assertions.assertThat;

import dev.quintet.platform.Deadline;
import dev.quintet.platform.caller.Caller;
import dev.quintet.platform.caller.Scope;
import dev.quintet.platform.keys.Keys;
import dev.quintet.platform.keys.MasterKey;
import dev.quintet.platform.sql.DatabaseTest;
import dev.quintet.platform.sql.Once;
import dev.quintet.platform.sql.TestDatabase;
import dev.quintet.platform.sql.Tx;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a client that repeats a request meets, through the door. */
final class IdempotencyTest {

    record Wish(String name) {}

    record Made(long number, String name) {}

    private TestDatabase test;
    private TestWeb web;

    @BeforeEach
    void open() {
        test = TestDatabase.create();
        test.database()
                .run(tx ->
                        tx.handle()
                                .execute(
                                        "create table public.made (number bigint generated always as identity, name text)"));
        test.database().run(tx -> tx.handle().execute(DatabaseTest.DIES_IN_COMMIT));
        Keys keys = new Keys(MasterKey.parse("0a".repeat(32)), List.of(), new SecureRandom());
        Idempotency idempotency = new Idempotency(test.database(), new Once(test.database(), keys));
        web =
                TestWeb.of(
                        IdempotencyTest::anyone,
                        Routes.of(
                                "test",
                                making("/made", idempotency),
                                making("/other", idempotency),
                                Route.post("/lost")
                                        .open("a test")
                                        .by(request ->
                                                test.database().tx(IdempotencyTest::endLate)),
                                Route.post("/away")
                                        .open("a test")
                                        .by(request -> test.database().read(IdempotencyTest::end)),
                                Route.post("/late")
                                        .open("a test")
                                        .by(request ->
                                                test.database()
                                                        .read(
                                                                Deadline.in(Duration.ofMillis(50)),
                                                                IdempotencyTest::sleep))));
    }

    private static Response endLate(Tx tx) {
        tx.handle().execute("insert into public.dies values (1)");
        return Response.empty(200);
    }

    private static Response end(Tx tx) {
        tx.handle().execute("select pg_terminate_backend(pg_backend_pid())");
        return Response.empty(200);
    }

    private static Response sleep(Tx tx) {
        tx.handle().execute("select pg_sleep(20)");
        return Response.empty(200);
    }

    @Test
    void a_database_that_goes_away_is_refused_with_what_to_do() throws Exception {
        HttpResponse<String> answer = ask("ada", Optional.empty(), "/lost", "a");
        // Not 503: deploy/nginx.conf has that repeated, POST included.
        assertThat(answer.statusCode()).isEqualTo(504);
        assertThat(answer.headers().firstValue("Retry-After")).contains("1");
        assertThat(answer.body()).contains("\"DATABASE_LOST\"", "Idempotency-Key");
        HttpResponse<String> sooner = ask("ada", Optional.empty(), "/away", "a");
        assertThat(sooner.statusCode()).isEqualTo(503);
        assertThat(sooner.body()).contains("\"DATABASE_AWAY\"", "nothing was changed");
    }

    @Test
    void a_key_that_is_none_and_a_deadline_that_passed_are_refused() throws Exception {
        assertThat(ask("x".repeat(256), "a").body()).contains("\"INVALID_IDEMPOTENCY_KEY\"");
        HttpResponse<String> late = ask("ada", Optional.empty(), "/late", "a");
        assertThat(late.statusCode()).isEqualTo(504);
        assertThat(late.body()).contains("\"DEADLINE_PASSED\"");
    }

    @AfterEach
    void close() {
        web.close();
        test.close();
    }

    private static Route making(String path, Idempotency idempotency) {
        return Route.post(path)
                .scope(Scope.CHAT_WRITE)
                .takes(Wish.class)
                .gives(201, Made.class)
                .refuses(IDEMPOTENCY_KEY_REUSED)
                .by(request -> {
                    Wish wish = request.json(Wish.class);
                    return idempotency.answer(request, 201, tx -> make(tx, wish.name()));
                });
    }

    private static Made make(Tx tx, String name) {
        long number =
                tx.handle()
                        .createQuery(
                                "insert into public.made (name) values (:name) returning number")
                        .bind("name", name)
                        .mapTo(Long.class)
                        .one();
        if (name.equals("refused")) {
            throw INVALID_FIELD.because("name", "not this one");
        }
        return new Made(number, name);
    }

    private static Optional<Caller> anyone(String bearer) {
        return Optional.of(
                new Caller(
                        "key:" + bearer, Caller.ROOT, Optional.empty(), Set.of(Scope.CHAT_WRITE)));
    }

    private HttpResponse<String> ask(String bearer, Optional<String> key, String path, String name)
            throws Exception {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(web.at(path))
                        .header("Authorization", "Bearer " + bearer)
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString("{\"name\":\"" + name + "\"}"));
        key.ifPresent(text -> request.header("Idempotency-Key", text));
        return web.send(request.build());
    }

    private HttpResponse<String> ask(String key, String name) throws Exception {
        return ask("ada", Optional.of(key), "/made", name);
    }

    private long effects() {
        return test.database()
                .read(tx ->
                        tx.handle()
                                .createQuery("select count(*) from public.made")
                                .mapTo(Long.class)
                                .one());
    }

    @Test
    void without_a_key_each_request_counts() throws Exception {
        assertThat(ask("ada", Optional.empty(), "/made", "x").statusCode()).isEqualTo(201);
        assertThat(ask("ada", Optional.empty(), "/made", "x").body()).contains("\"name\":\"x\"");
        assertThat(effects()).isEqualTo(2);
    }

    @Test
    void a_repetition_gets_the_first_answer_and_changes_nothing() throws Exception {
        HttpResponse<String> first = ask("k", "x");
        HttpResponse<String> second = ask("k", "x");
        assertThat(first.statusCode()).isEqualTo(201);
        assertThat(second.statusCode()).isEqualTo(201);
        assertThat(second.body()).isEqualTo(first.body());
        assertThat(second.headers().firstValue("Content-Type")).hasValue("application/json");
        assertThat(effects()).isEqualTo(1);
    }

    @Test
    void the_same_key_with_another_body_or_at_another_address_is_refused() throws Exception {
        ask("k", "x");
        assertThat(ask("k", "y").body()).contains("IDEMPOTENCY_KEY_REUSED");
        assertThat(ask("ada", Optional.of("k"), "/other", "x").statusCode()).isEqualTo(409);
        assertThat(ask("ada", Optional.of("k"), "/made?a=b", "x").statusCode()).isEqualTo(409);
        assertThat(effects()).isEqualTo(1);
    }

    @Test
    void another_credential_may_use_the_same_key() throws Exception {
        ask("k", "x");
        assertThat(ask("eve", Optional.of("k"), "/made", "y").statusCode()).isEqualTo(201);
        assertThat(effects()).isEqualTo(2);
    }

    @Test
    void a_refused_request_leaves_its_key_free_and_no_effect() throws Exception {
        assertThat(ask("k", "refused").statusCode()).isEqualTo(400);
        assertThat(effects()).isZero();
        assertThat(ask("k", "x").statusCode()).isEqualTo(201);
    }

    @Test
    void ten_equal_requests_at_once_have_one_effect_and_one_answer() throws Exception {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Callable<String>> all = new ArrayList<>();
            for (int count = 0; count < 10; count++) {
                all.add(() -> ask("k", "x").body());
            }
            Set<String> answers = new HashSet<>();
            for (Future<String> answer : threads.invokeAll(all)) {
                answers.add(answer.get());
            }
            assertThat(answers).hasSize(1);
        }
        assertThat(effects()).isEqualTo(1);
    }
}
