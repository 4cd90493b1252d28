package dev.quintet.analytics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quintet.platform.Await;
import dev.quintet.platform.IdKind;
import dev.quintet.platform.caller.Caller;
import dev.quintet.platform.sql.TestDatabase;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
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

/** People are erased while the loader runs at its own pace. */
final class ErasureTest {

    @TempDir Path folder;

    private TestDatabase database;
    private Rig rig;

    @BeforeEach
    void open() {
        database = TestDatabase.create("analytics");
        rig = new Rig(folder, database, InstantSource.system());
        rig.analytics.start();
    }

    @AfterEach
    void close() {
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

    private void erase(UUID person) {
        rig.analytics.erase(Rig.US.organisation(), person);
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
