package dev.quintet.analytics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quintet.analytics.http.AnalyticsRoutes;
import dev.quintet.analytics.lake.Subject;
import dev.quintet.platform.Await;
import dev.quintet.platform.IdKind;
import dev.quintet.platform.audit.Audit;
import dev.quintet.platform.caller.Caller;
import dev.quintet.platform.http.TestWeb;
import dev.quintet.platform.sql.TestDatabase;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** People are erased while the loader runs at its own pace. */
final class ErasureTest {

    private static final String ERASURES = "/api/v1/analytics/erasures";

    @TempDir Path folder;

    private TestDatabase database;
    private Rig rig;
    private TestWeb web;

    @BeforeEach
    void open() {
        database = TestDatabase.create("analytics");
        rig = new Rig(folder, database, InstantSource.system());
        rig.analytics.start();
        web = TestWeb.of(new AnalyticsRoutes(rig.analytics, rig.idempotency()).routes());
    }

    @AfterEach
    void close() {
        web.close();
        rig.close();
        database.close();
    }

    @Test
    void one_after_the_other_and_many_at_once_are_erased_though_nothing_else_comes() {
        String key = rig.source(Rig.US, "ours");
        List<UUID> people = Stream.generate(UUID::randomUUID).limit(6).toList();
        people.forEach(one -> take(key, "{'type':'page','userId':'" + shown(one) + "'}"));
        Await.until("all are loaded", () -> count(Rig.US, "true") == 6);
        erase(people.get(0));
        erase(people.get(1));
        try (ExecutorService many = Executors.newVirtualThreadPerTaskExecutor()) {
            CompletableFuture.allOf(
                            people.stream()
                                    .skip(2)
                                    .map(one -> CompletableFuture.runAsync(() -> erase(one), many))
                                    .toArray(CompletableFuture<?>[]::new))
                    .orTimeout(60, TimeUnit.SECONDS)
                    .join();
        }
        assertThat(count(Rig.US, "true")).isZero();
    }

    @Test
    void what_another_organisation_or_another_device_sent_stays() {
        UUID person = UUID.randomUUID();
        String id = shown(person);
        String ours = rig.source(Rig.US, "ours");
        String theirs = rig.source(Rig.THEM, "theirs");
        take(ours, "{'type':'page','userId':'" + id + "','anonymousId':'t'}");
        take(ours, "{'type':'page','anonymousId':'t'}");
        take(ours, "{'type':'page','anonymousId':'another'}");
        take(ours, "{'type':'jump','anonymousId':'t'}");
        take(ours, "{'type':'jump','anonymousId':'another'}");
        take(theirs, "{'type':'page','userId':'" + id + "','anonymousId':'t'}");
        take(theirs, "{'type':'page','anonymousId':'t'}");
        take(theirs, "{'type':'jump','anonymousId':'t'}");
        Await.until("all are loaded", () -> count(Rig.US, "true") == 3);
        Await.until("theirs too", () -> rig.analytics.ledger(Rig.THEM).pending() == 0);
        erase(person);
        assertThat(count(Rig.US, "anonymous_id = 'another'")).isEqualTo(1);
        assertThat(count(Rig.US, "true")).isEqualTo(1);
        assertThat(rejected(Rig.US)).isEqualTo(1);
        assertThat(count(Rig.THEM, "true")).isEqualTo(2);
        assertThat(rejected(Rig.THEM)).isEqualTo(1);
    }

    @Test
    void a_short_id_of_a_product_is_erased_where_an_id_is_meant_and_nowhere_else()
            throws Exception {
        String key = rig.source(Rig.US, "ours");
        take(key, "{'type':'track','event':'Paid','userId':'42','anonymousId':'d1'}");
        take(key, "{'type':'page','anonymousId':'d1'}");
        take(key, "{'type':'alias','userId':'43','previousId':'42'}");
        take(key, "{'type':'track','event':'42','userId':'7','properties':{'quantity':'42'}}");
        take(key, "{'type':'group','userId':'8','groupId':'42'}");
        take(key, "{'type':'jump','userId' : '42'}");
        take(key, "{'type':'jump','anonymousId':'d1'}");
        take(key, "{'type':'jump','userId':'7','quantity':'42'}");
        Await.until("all are loaded", () -> count(Rig.US, "true") == 5);
        awaitErased("{\"userId\":\"42\"}");
        assertThat(count(Rig.US, "true")).isEqualTo(2);
        assertThat(count(Rig.US, "event = '42' and properties = '{\"quantity\":\"42\"}'")).isOne();
        assertThat(count(Rig.US, "group_id = 'erased'")).isOne();
        assertThat(rejected(Rig.US)).isOne();
    }

    @Test
    void a_device_is_erased_and_the_user_who_had_it_stays() throws Exception {
        String key = rig.source(Rig.US, "ours");
        String device = "d.+[1]-" + UUID.randomUUID();
        take(key, "{'type':'page','anonymousId':'" + device + "'}");
        take(key, "{'type':'page','anonymousId':'" + device + "2'}");
        take(
                key,
                "{'type':'track','event':'E','userId':'u','anonymousId':'"
                        + device
                        + "','properties':{'was':'"
                        + device
                        + "!'}}");
        Await.until("all are loaded", () -> count(Rig.US, "true") == 3);
        String neighbour = "anonymous_id = '" + device + "2'";
        assertThat(count(Rig.US, neighbour)).isOne();
        awaitErased("{\"anonymousId\":\"" + device + "\"}");
        assertThat(count(Rig.US, "true")).isEqualTo(2);
        assertThat(
                        count(
                                Rig.US,
                                "properties = '{\"was\":\"erased!\"}' and anonymous_id = 'erased'"))
                .isOne();
        assertThat(count(Rig.US, neighbour)).as("who is called nearly the same").isOne();
    }

    @Test
    void an_id_is_blotted_out_however_it_is_written_and_of_nobody_else() throws Exception {
        String key = rig.source(Rig.US, "ours");
        String others =
                "{'userId':'joan@longcompany.com','text':'write to joan@longcompany.com, an@longcompany.com.au, 8an@longcompany.com'}";
        take(
                key,
                "{'type':'track','event':'E','userId':'joan@longcompany.com','messageId':'an@longcompany.com-7','properties':"
                        + others
                        + "}");
        take(
                key,
                "{'type':'track','event':'F','userId':'bob','properties':{'a':'an@longcompany.com','b':'x\\nan@longcompany.com.','c':'\\u0061? an\\u0040longcompany.com an@longcompany.com','d':[1,'(an@longcompany.com)']}}");
        take(key, "{'type':'alias','userId':'an@longcompany.com','previousId':'visitor-1'}");
        take(key, "{'type':'page','anonymousId':'visitor-1'}");
        take(key, "{'type':'jump','userId':'an@longcompany.com'}");
        take(key, "{'type':'jump','userId':'joan@longcompany.com'}");
        Await.until("all are loaded", () -> count(Rig.US, "true") == 4);
        awaitErased("{\"userId\":\"an@longcompany.com\"}");
        assertThat(count(Rig.US, "true")).isEqualTo(2);
        assertThat(
                        count(
                                Rig.US,
                                "event = 'E' and user_id = 'joan@longcompany.com' and message_id = 'an@longcompany.com-7' and properties = '"
                                        + others.replace('\'', '"')
                                        + "'"))
                .isOne();
        assertThat(
                        count(
                                Rig.US,
                                "event = 'F' and not contains(properties, 'longcompany') and json_valid(properties)"))
                .isOne();
        assertThat(rejected(Rig.US)).isOne();
    }

    @Test
    void a_number_is_erased_where_an_id_is_meant_also_of_what_was_rejected() throws Exception {
        String key = rig.source(Rig.US, "ours");
        take(key, "{'type':'page','userId':1234567890123456}");
        take(
                key,
                "{'type':'page','userId':'7','properties':{'card':1234567890123456,'text':'1234567890123456'}}");
        take(key, "{'type':'jump','userId':1234567890123456}");
        take(key, "{'type':'jump','userId':12345678901234567}");
        Await.until("all are loaded", () -> count(Rig.US, "true") == 2);
        awaitErased("{\"userId\":\"1234567890123456\"}");
        assertThat(
                        count(
                                Rig.US,
                                "properties = '{\"card\":1234567890123456,\"text\":\"1234567890123456\"}'"))
                .isOne();
        assertThat(rejected(Rig.US)).isOne();
    }

    @Test
    void what_is_asked_of_a_server_that_ends_is_done_by_the_next_one() throws Exception {
        String key = rig.source(Rig.US, "ours");
        take(key, "{'type':'page','userId':'zoe-of-a-long-name'}");
        Await.until("it is loaded", () -> count(Rig.US, "true") == 1);
        restart(false);
        take(key, "{'type':'page','userId':'zoe-of-a-long-name'}");
        UUID erasure = request("{\"userId\":\"zoe-of-a-long-name\"}");
        restart(true);
        Await.until("it is erased", () -> isDone(erasure));
        assertThat(count(Rig.US, "true")).as("also what was not loaded yet").isZero();
        int kept =
                rig.database.read(tx ->
                        tx.handle()
                                .createQuery("select count(subject) from analytics.erasures")
                                .mapTo(Integer.class)
                                .one());
        assertThat(kept).as("who it was is kept nowhere").isZero();
    }

    @Test
    void an_erasure_that_fails_stops_nobody_and_is_done_when_the_cause_is_gone() throws Exception {
        String key = rig.source(Rig.US, "ours");
        take(key, "{'type':'page','userId':'42'}");
        Await.until("it is loaded", () -> count(Rig.US, "true") == 1);
        Path file = onlyFile();
        byte[] whole = Files.readAllBytes(file);
        Files.write(file, new byte[whole.length]);
        UUID erasure = request("{\"userId\":\"42\"}");
        for (int more = 0; more < 3; more++) {
            take(key, "{'type':'page','userId':'43'}");
            Await.until("it is loaded", () -> rig.analytics.ledger(Rig.US).pending() == 0);
        }
        assertThat(rig.analytics.problem()).isEmpty();
        // Another organisation's is not held up by it.
        String theirs = rig.source(Rig.THEM, "theirs");
        take(theirs, "{'type':'page','userId':'77'}");
        Await.until("theirs is loaded", () -> count(Rig.THEM, "true") == 1);
        Erasure other =
                rig.database.tx(tx ->
                        rig.analytics
                                .erasures()
                                .request(tx, Rig.OTHER, new Subject(Subject.Kind.USER, "77")));
        Await.until(
                "theirs is erased",
                () -> rig.analytics.erasures().read(Rig.OTHER, other.id()).doneAt().isPresent());
        assertThat(isDone(erasure)).isFalse();
        Files.write(file, whole);
        // It waits as long again as it has waited.
        Await.until("it is erased", Duration.ofMinutes(2), () -> isDone(erasure));
        assertThat(count(Rig.US, "true")).isEqualTo(3);
    }

    @Test
    void what_is_no_subject_or_too_much_is_refused() throws Exception {
        restart(false);
        for (String subject :
                List.of(
                        "{}",
                        "{\"userId\":\"\"}",
                        "{\"userId\":\"a\",\"anonymousId\":\"b\"}",
                        "{\"userId\":\"" + "x".repeat(1_001) + "\"}")) {
            assertThat(web.post(ERASURES, subject).body()).contains("ERASURE_SUBJECT_INVALID");
        }
        assertThat(web.get(ERASURES + "/" + Erasure.KIND.show(new UUID(7, 7))).body())
                .contains("ERASURE_UNKNOWN");
        HttpResponse<String> first = keyed("{\"userId\":\"a\"}");
        assertThat(keyed("{\"userId\":\"a\"}").body()).isEqualTo(first.body());
        assertThat(keyed("{\"userId\":\"b\"}").body()).contains("IDEMPOTENCY_KEY_REUSED");
        assertThat(acts()).containsExactly("erasure.request");

        rig.database.run(tx ->
                tx.handle()
                        .execute(
                                "insert into analytics.erasures (id, organisation, kind, subject, log_partition, log_offset, requested_at, due_at)"
                                        + " select gen_random_uuid(), '"
                                        + Caller.ROOT
                                        + "', 'user', 'x', 0, 0, now(), now() from generate_series(1, 99999)"));
        HttpResponse<String> full = web.post(ERASURES, "{\"userId\":\"a\"}");
        assertThat(full.body()).contains("ERASURES_FULL");
        assertThat(full.headers().firstValue("Retry-After")).contains("600");
    }

    private HttpResponse<String> keyed(String subject) throws Exception {
        return web.send(
                web.asAdmin(ERASURES)
                        .header("Content-Type", "application/json")
                        .header("Idempotency-Key", "one")
                        .POST(BodyPublishers.ofString(subject))
                        .build());
    }

    private List<String> acts() {
        return rig.database.read(tx -> new Audit().after(tx, Caller.ROOT, 0, 100)).stream()
                .map(entry -> entry.act().action())
                .filter(action -> action.startsWith("erasure"))
                .toList();
    }

    private Path onlyFile() throws IOException {
        try (Stream<Path> files = Files.list(folder.resolve("lake/analytics/events/data"))) {
            return files.toList().getFirst();
        }
    }

    private void restart(boolean starts) {
        web.close();
        rig.close();
        rig = new Rig(folder, database, InstantSource.system());
        if (starts) {
            rig.analytics.start();
        }
        web = TestWeb.of(new AnalyticsRoutes(rig.analytics, rig.idempotency()).routes());
    }

    private UUID request(String subject) throws Exception {
        HttpResponse<String> answer = web.post(ERASURES, subject);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(202);
        JsonNode shown = JsonMapper.shared().readTree(answer.body());
        assertThat(shown.get("state").stringValue()).isEqualTo("waiting");
        return Erasure.KIND.parse(shown.get("id").stringValue());
    }

    private void awaitErased(String subject) throws Exception {
        UUID erasure = request(subject);
        Await.until("it is erased", () -> isDone(erasure));
        JsonNode shown =
                JsonMapper.shared()
                        .readTree(web.get(ERASURES + "/" + Erasure.KIND.show(erasure)).body());
        assertThat(shown.get("state").stringValue()).isEqualTo("done");
        assertThat(shown.has("doneAt")).isTrue();
    }

    private void erase(UUID person) {
        awaitDone(rig.analytics.erase(Rig.US.organisation(), person));
    }

    private void awaitDone(Erasure erasure) {
        Await.until("it is erased", () -> isDone(erasure.id()));
    }

    private boolean isDone(UUID erasure) {
        return rig.analytics.erasures().read(Rig.US.organisation(), erasure).doneAt().isPresent();
    }

    private void take(String key, String item) {
        byte[] batch =
                ("{'batch':[" + item + "]}").replace('\'', '"').getBytes(StandardCharsets.UTF_8);
        rig.take(key, batch);
    }

    private long count(Caller whose, String where) {
        String sql = "select count(*) from events where " + where;
        return rig.analytics
                .query(whose, sql, Optional.empty())
                .rows()
                .getFirst()
                .getFirst()
                .longValue();
    }

    private int rejected(Caller whose) {
        return rig.analytics.rejected(whose, Optional.empty(), 50).items().size();
    }

    private static String shown(UUID person) {
        return IdKind.PERSON.show(person);
    }
}
