package dev.quintet.analytics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quintet.analytics.lake.LoaderFenced;
import dev.quintet.analytics.lake.RangeFiles;
import dev.quintet.platform.IdKind;
import dev.quintet.platform.ManualTime;
import dev.quintet.platform.sql.TestDatabase;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The loader's steps, driven one at a time; {@link KilledLoaderTest} kills it between them. */
final class LoaderTest {

    private static final Duration NOW = Duration.ZERO;

    @TempDir Path folder;

    private final ManualTime time = new ManualTime(Instant.now());
    private TestDatabase database;
    private Rig rig;
    private String writeKey = "";
    private final ClientList list = new ClientList();

    @BeforeEach
    void open() {
        database = TestDatabase.create("analytics");
        rig = new Rig(folder, database, time);
        writeKey = rig.source("test");
    }

    @AfterEach
    void close() {
        rig.close();
        database.close();
    }

    @Test
    void a_loader_that_wakes_up_after_another_took_over_changes_nothing() {
        try (Loader sleeper = rig.loader()) {
            send(0, 10);
            Cut cut = sleeper.cut(NOW).orElseThrow();
            RangeFiles published = sleeper.publish(sleeper.stage(cut));
            try (Loader other = rig.loader()) {
                assertThatThrownBy(() -> sleeper.commitRejected(published))
                        .isInstanceOf(LoaderFenced.class);
                assertThatThrownBy(() -> sleeper.commitEvents(cut, published))
                        .isInstanceOf(LoaderFenced.class);
                loadAll(other);
            }
        }
        assertAllExactlyOnce();
    }

    @Test
    void the_same_commit_again_is_found_done() {
        try (Loader loader = rig.loader()) {
            send(0, 10);
            Cut cut = loader.cut(NOW).orElseThrow();
            RangeFiles published = loader.publish(loader.stage(cut));
            loader.commitRejected(published);
            loader.commitRejected(published);
            Tally tally = loader.commitEvents(cut, published);
            assertThat(loader.commitEvents(cut, published)).isEqualTo(tally);
            loader.settle(cut, tally);
            loader.settle(cut, tally);
        }
        assertAllExactlyOnce();
    }

    @Test
    void a_message_is_new_again_after_a_day_and_from_another_source_at_once() {
        try (Loader loader = rig.loader()) {
            send(0, 5);
            loadAll(loader);
            String other = rig.source("other");
            rig.take(other, ClientList.batch(0, 5));
            time.advance(SeenIds.WINDOW.plusHours(2));
            rig.take(writeKey, ClientList.batch(0, 5));
            loadAll(loader);
        }
        assertThat(number("select count(*) from events")).isEqualTo(15);
    }

    @Test
    void a_request_of_hundreds_of_days_is_loaded_within_the_engines_memory() {
        int days = 300;
        String events =
                IntStream.range(0, days)
                        .mapToObj(day ->
                                "{\"type\":\"track\",\"event\":\"A\",\"userId\":\"u\",\"timestamp\":\""
                                        + time.instant().minus(Duration.ofDays(day))
                                        + "\"}")
                        .collect(Collectors.joining(",", "{\"batch\":[", "]}"));
        try (Loader loader = rig.loader()) {
            rig.take(writeKey, events);
            loadAll(loader);
        }
        assertThat(number("select count(distinct timestamp::date) from events")).isEqualTo(days);
    }

    @Test
    void what_the_server_records_itself_is_there_once_and_names_its_person() {
        UUID event = UUID.randomUUID();
        UUID person = UUID.randomUUID();
        try (Loader loader = rig.loader()) {
            for (int again = 0; again < 3; again++) {
                rig.analytics.record(
                        List.of(
                                new ServerEvent(
                                        event,
                                        Rig.OTHER,
                                        Optional.of(person),
                                        "signed_in",
                                        Map.of("by", "key")),
                                new ServerEvent(
                                        event,
                                        Rig.US.organisation(),
                                        Optional.empty(),
                                        "of_us",
                                        Map.of())));
            }
            loadAll(loader);
        }
        assertThat(
                        rig.analytics
                                .query(
                                        Rig.THEM,
                                        "select event, user_id, message_id, properties from events",
                                        Optional.empty())
                                .rows()
                                .toString())
                .isEqualTo(
                        "[[\"signed_in\", \"%s\", \"%s\", \"{\\\"by\\\":\\\"key\\\"}\"]]"
                                .formatted(IdKind.PERSON.show(person), event));
        assertThat(rig.analytics.ledger(Rig.THEM)).isEqualTo(new Balance(3, 1, 2, 0, 0, List.of()));
        assertThat(rig.analytics.ledger(Rig.US)).isEqualTo(new Balance(3, 1, 2, 0, 0, List.of()));
    }

    @Test
    void an_erased_person_is_found_nowhere_within_the_hour() throws Exception {
        String person = IdKind.PERSON.show(UUID.randomUUID());
        String device = "device-" + UUID.randomUUID();
        try (Loader loader = rig.loader()) {
            send(0, 10);
            take("{'type':'page','anonymousId':'" + device + "','name':'Before'}");
            take("{'type':'identify','userId':'" + person + "','anonymousId':'" + device + "'}");
            take(
                    "{'type':'track','event':'Invited','userId':'bob','properties':{'guest':'"
                            + person
                            + "'}}");
            take("{'type':'jump','userId':'" + person + "'}");
            loadAll(loader);
            assertThat(RawSearch.holds(folder, person)).isTrue();
            assertThat(RawSearch.holds(folder, device)).isTrue();

            Rig.erase(loader, Rig.US.organisation(), person);
            assertThat(number("select count(*) from events where user_id = '" + person + "'"))
                    .isZero();
            assertThat(number("select count(*) from events where anonymous_id = '" + device + "'"))
                    .isZero();
            assertThat(number("select count(*) from events where event = 'Invited'")).isEqualTo(1);
            assertThat(number("select count(*) from events")).isEqualTo(11);

            time.advance(Duration.ofMinutes(55));
            loader.tidy(time.instant(), Duration.ofMinutes(50), Duration.ofMinutes(1));
        }
        assertThat(RawSearch.where(folder, person)).isEmpty();
        assertThat(RawSearch.where(folder, device)).isEmpty();
    }

    @Test
    void snapshots_metadata_and_released_segments_do_not_pile_up() throws Exception {
        try (Loader loader = rig.loader()) {
            for (int commit = 0; commit < 25; commit++) {
                send(commit, commit + 1);
                loadAll(loader);
            }
            time.advance(Duration.ofHours(1));
            loader.tidy(time.instant(), Duration.ofMinutes(10), Duration.ofMinutes(1));
        }
        assertThat(files("metadata.json", "events")).isLessThanOrEqualTo(12);
        assertThat(files("snap-", "events")).isEqualTo(1);
        assertAllExactlyOnce();
    }

    private long files(String name, String table) throws Exception {
        try (var all = java.nio.file.Files.walk(folder.resolve("lake/analytics").resolve(table))) {
            return all.filter(file -> file.toString().contains(name)).count();
        }
    }

    /** Sends a batch of events with these numbers and one that is none. */
    private void send(int from, int to) {
        rig.take(writeKey, ClientList.batch(from, to));
        list.taken(from, to);
    }

    private void take(String item) {
        rig.take(writeKey, ("{'batch':[" + item + "]}").replace('\'', '"'));
    }

    private static void loadAll(Loader loader) {
        while (loader.load(NOW)) {
            // until the log is read to its end
        }
    }

    private void assertAllExactlyOnce() {
        list.assertExactlyOnce(rig.url, rig);
    }

    private long number(String sql) {
        return rig.number(sql);
    }
}
