package dev.quintet.platform.events;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quintet.platform.Await;
import dev.quintet.platform.DataSize;
import dev.quintet.platform.Ids;
import dev.quintet.platform.bus.LocalBus;
import dev.quintet.platform.events.EventsTest.ThingSaid;
import dev.quintet.platform.sql.Database;
import dev.quintet.platform.sql.DatabaseUrl;
import dev.quintet.platform.sql.Leases;
import dev.quintet.platform.sql.Migrations;
import dev.quintet.platform.sql.PostgresProcess;
import dev.quintet.platform.sql.TestDatabase;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.postgresql.PGConnection;

/** The outbox's tables, copied into another cluster whose transaction ids are far lower. */
final class RestoreTest {

    private static final UUID ORGANISATION = new UUID(1, 2);
    private static final List<String> TABLES =
            List.of(
                    "leases",
                    "outbox_0",
                    "outbox_1",
                    "outbox_2",
                    "ticks",
                    "outbox_state",
                    "subscribers",
                    "parked");

    private final Path home =
            Path.of("target", "restored-" + ProcessHandle.current().pid()).toAbsolutePath();
    private final List<Integer> heard = new CopyOnWriteArrayList<>();
    private final List<Integer> heardLate = new CopyOnWriteArrayList<>();

    @AfterEach
    void delete() throws IOException {
        try (Stream<Path> inside = Files.walk(home)) {
            for (Path path : inside.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }

    /**
     * Two mutants fail here: without the restore nothing announced before it arrives, with a
     * restore by the first reader instead of the first writer the sixth is lost.
     */
    @Test
    void what_was_not_delivered_before_a_restore_is_delivered_after_it() throws Exception {
        Outbox before = outbox();
        try (TestDatabase old = TestDatabase.create(before);
                PostgresProcess fresh = freshCluster()) {
            useTransactionIds(old.url());
            try (Readers readers = new Readers(old.database(), before)) {
                readers.register();
                readers.startFirst();
                say(old.database(), 1, 2, 3);
                Await.until("the first three arrived", () -> heard.size() == 3);
            }
            say(old.database(), 4, 5);
            new Migrations(fresh.url()).migrate(List.of());
            copy(old.url(), fresh.url());

            Outbox after = outbox();
            try (Database restored = Database.open(fresh.url(), Database.Limits.DEFAULT, after)) {
                assertThat(transactionId(restored)).isLessThan(transactionId(old.database()));
                say(restored, 6);
                try (Readers readers = new Readers(restored, after)) {
                    readers.register();
                    readers.startBoth();
                    say(restored, 7);
                    Await.until("one went on", () -> heard.contains(7));
                    Await.until("one began", () -> heardLate.contains(7));
                }
            }
        }
        // What one has not read is announced again to all: the first may hear it twice.
        assertThat(heard.stream().distinct().toList()).containsExactly(1, 2, 3, 4, 5, 6, 7);
        assertThat(heardLate).containsExactly(1, 2, 3, 4, 5, 6, 7);
    }

    /** Two subscribers: one that has read a part, one that was never run before the restore. */
    private final class Readers implements AutoCloseable {

        private final Leases leases;
        private final Events first;
        private final Events late;

        Readers(Database db, Outbox outbox) {
            // Long enough that no pause of this machine ends one: who lost it would hear again.
            leases = new Leases(db, UUID.randomUUID(), Duration.ofSeconds(10));
            first = events(db, outbox);
            late = events(db, outbox);
        }

        private Events events(Database db, Outbox outbox) {
            Events.Settings quick =
                    new Events.Settings(
                            Duration.ofMillis(50),
                            Duration.ofMillis(50),
                            Duration.ofMinutes(5),
                            Duration.ofDays(7),
                            10_000);
            return new Events(db, outbox, leases, new LocalBus(), quick, name -> {});
        }

        void register() {
            first.on("first", ThingSaid.class, (id, event) -> heard.add(event.number()));
            late.on("late", ThingSaid.class, (id, event) -> heardLate.add(event.number()));
        }

        void startFirst() {
            first.start();
        }

        void startBoth() {
            first.start();
            late.start();
        }

        @Override
        public void close() {
            first.close();
            late.close();
            leases.close();
        }
    }

    private PostgresProcess freshCluster() {
        Path library =
                Path.of(
                        System.getProperty("java.io.tmpdir"),
                        "quintet-test-" + System.getProperty("user.name"));
        return PostgresProcess.start(
                new PostgresProcess.Settings(
                        home, library, "for tests only", DataSize.mebibytes(16), 100));
    }

    private static Outbox outbox() {
        return new Outbox(new Ids(InstantSource.system(), RandomGenerator.getDefault()));
    }

    private static void say(Database db, int... numbers) {
        for (int number : numbers) {
            db.run(tx -> tx.announce(new ThingSaid(ORGANISATION, "a", number)));
        }
    }

    private static void useTransactionIds(DatabaseUrl url) throws SQLException {
        try (Connection connection = url.connect();
                var statement = connection.createStatement()) {
            statement.execute("set synchronous_commit = off");
            statement.execute(
                    """
                    do $$
                    begin
                        for i in 1..5000 loop
                            perform pg_current_xact_id();
                            commit;
                        end loop;
                    end
                    $$
                    """);
        }
    }

    private static long transactionId(Database db) {
        return db.tx(tx ->
                tx.handle()
                        .createQuery("select pg_current_xact_id()::text::bigint")
                        .mapTo(Long.class)
                        .one());
    }

    private static void copy(DatabaseUrl from, DatabaseUrl to) throws Exception {
        try (Connection source = from.connect();
                Connection target = to.connect();
                var statement = target.createStatement()) {
            statement.execute("delete from platform.outbox_state");
            for (String table : TABLES) {
                ByteArrayOutputStream rows = new ByteArrayOutputStream();
                source.unwrap(PGConnection.class)
                        .getCopyAPI()
                        .copyOut("copy platform." + table + " to stdout", rows);
                target.unwrap(PGConnection.class)
                        .getCopyAPI()
                        .copyIn(
                                "copy platform." + table + " from stdin",
                                new ByteArrayInputStream(rows.toByteArray()));
            }
        }
    }
}
