package dev.quintet.analytics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quintet.analytics.iceberg.GuestFiles;
import dev.quintet.analytics.iceberg.IcebergRoutes;
import dev.quintet.analytics.iceberg.OpenCatalog;
import dev.quintet.analytics.lake.LakeFiles;
import dev.quintet.analytics.lake.Subject;
import dev.quintet.platform.DataSize;
import dev.quintet.platform.ManualTime;
import dev.quintet.platform.audit.Act;
import dev.quintet.platform.audit.Audit;
import dev.quintet.platform.audit.Entry;
import dev.quintet.platform.caller.Caller;
import dev.quintet.platform.disk.ForwardingDisk;
import dev.quintet.platform.http.TestWeb;
import dev.quintet.platform.sql.TestDatabase;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.FileMetadata;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.HasTableOperations;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableScan;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.exceptions.ForbiddenException;
import org.apache.iceberg.exceptions.ValidationException;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.jdbc.JdbcCatalog;
import org.apache.iceberg.rest.RESTCatalog;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.types.Types.NestedField;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Iceberg's stock client beside the loader: it reads all, adds rows, and breaks nothing. */
final class LakeGuestsTest {

    private static final TableIdentifier EVENTS = TableIdentifier.of("analytics", "events");
    private static final Namespace GUEST = Namespace.of("guest");
    private static final TableIdentifier THEIRS = TableIdentifier.of(GUEST, "theirs");
    private static final Schema ONE_COLUMN =
            new Schema(NestedField.required(1, "n", Types.LongType.get()));

    @TempDir private Path folder;
    // Snapshots carry the real time.
    private final ManualTime time = new ManualTime(Instant.now());
    private TestDatabase database;
    private Rig rig;
    private TestWeb web;
    private RESTCatalog guest;
    private Loader loader;
    private String writeKey = "";

    @BeforeEach
    void open() {
        database = TestDatabase.create("analytics");
        rig = new Rig(folder, database, time);
        web = TestWeb.of(new IcebergRoutes(rig.analytics.catalog(), rig.database).routes());
        guest = client(web);
        loader = rig.loader();
        writeKey = rig.source("ours");
    }

    private static RESTCatalog client(TestWeb door) {
        RESTCatalog client = new RESTCatalog();
        client.initialize(
                "quintet",
                Map.of(
                        "uri",
                        door.at("/iceberg").toString(),
                        "token",
                        TestWeb.ADMIN,
                        "io-impl",
                        GuestFiles.class.getName()));
        return client;
    }

    @AfterEach
    void close() throws IOException {
        loader.close();
        guest.close();
        web.close();
        rig.close();
        database.close();
    }

    private void load(int from, int to) {
        rig.take(writeKey, ClientList.batch(from, to));
        assertThat(loader.load(Duration.ZERO)).isTrue();
    }

    private static List<DataFile> files(TableScan scan) throws IOException {
        List<DataFile> files = new ArrayList<>();
        try (CloseableIterable<FileScanTask> tasks = scan.planFiles()) {
            tasks.forEach(task -> files.add(task.file().copy()));
        }
        return files;
    }

    private static long rows(TableScan scan) throws IOException {
        return files(scan).stream().mapToLong(DataFile::recordCount).sum();
    }

    /** What a guest would have written itself: the rows of a file once more. */
    private static DataFile copy(Table events, DataFile file, String name) throws IOException {
        Path old = Path.of(URI.create(file.location()));
        Path copy = Files.copy(old, old.resolveSibling(name));
        return DataFiles.builder(events.spec()).copy(file).withPath("file://" + copy).build();
    }

    @Test
    void a_guest_reads_what_is_there_what_was_there_and_a_single_day() throws Exception {
        load(0, 30);
        Table events = guest.loadTable(EVENTS);
        long before = events.currentSnapshot().snapshotId();
        load(30, 50);
        assertThat(rows(events.newScan())).as("as it was loaded").isEqualTo(30);
        events.refresh();
        assertThat(rows(events.newScan())).isEqualTo(50);
        assertThat(rows(events.newScan().useSnapshot(before))).isEqualTo(30);
        String tomorrow = Instant.now().plus(Duration.ofDays(2)).toString();
        assertThat(
                        files(
                                events.newScan()
                                        .filter(
                                                Expressions.greaterThan(
                                                        "received_at",
                                                        tomorrow.replace("Z", "+00:00")))))
                .isEmpty();
        assertThat(rows(guest.loadTable(TableIdentifier.of("analytics", "rejected")).newScan()))
                .isEqualTo(2);
    }

    @Test
    void a_guest_adds_rows_while_events_are_loaded_and_both_stay() throws Exception {
        load(0, 10);
        for (int round = 1; round <= 5; round++) {
            Table events = guest.loadTable(EVENTS);
            DataFile file = files(events.newScan()).getFirst();
            // Its table is older than the newest snapshot by now; the library tries again.
            load(round * 10, round * 10 + 10);
            events.newAppend()
                    .appendFile(copy(events, file, "guest-" + round + ".parquet"))
                    .commit();
        }
        assertThat(rig.number("select count(distinct message_id) from events")).isEqualTo(60);
        assertThat(rig.number("select count(*) from events")).isEqualTo(110);
        assertThat(rig.ledger()).isEqualTo(new Balance(66, 60, 0, 6, 0, List.of()));
        loader.close();
        loader = rig.loader();
        load(60, 70);
        assertThat(rig.number("select count(*) from events")).isEqualTo(120);
        Rig.erase(loader, Caller.ROOT, "u");
        assertThat(rig.number("select count(*) from events")).as("also a guest's").isZero();
    }

    @Test
    void rows_that_somebody_else_rewrites_during_an_erasure_are_neither_doubled_nor_kept()
            throws Exception {
        rig.take(
                writeKey,
                "{\"batch\":[{\"type\":\"page\",\"userId\":\"zoe-of-a-long-name\"},{\"type\":\"page\",\"userId\":\"bob\"}]}");
        assertThat(loader.load(Duration.ZERO)).isTrue();
        Set<Subject> zoe = Set.of(new Subject(Subject.Kind.USER, "zoe-of-a-long-name"));
        DataSize least = new DataSize(1);
        assertThat(loader.erase(Caller.ROOT, zoe, least)).as("her devices are known").isFalse();
        // Past our catalog, as whoever has the database's password can.
        try (JdbcCatalog past = new JdbcCatalog(options -> new LakeFiles(rig.disk), null, false)) {
            past.initialize(
                    "quintet",
                    Map.of(
                            "uri",
                            rig.url.jdbc() + "?currentSchema=analytics",
                            "jdbc.user",
                            rig.url.user(),
                            "jdbc.password",
                            rig.url.password(),
                            "warehouse",
                            "file:///unused"));
            Table events = past.loadTable(EVENTS);
            DataFile file = files(events.newScan()).getFirst();
            events.newRewrite()
                    .deleteFile(file)
                    .addFile(copy(events, file, "other.parquet"))
                    .commit();
        }
        assertThatThrownBy(() -> loader.erase(Caller.ROOT, zoe, least))
                .isInstanceOf(ValidationException.class);
        loader.stopErasing();
        Rig.erase(loader, Caller.ROOT, "zoe-of-a-long-name");
        assertThat(rig.number("select count(*) from events")).isEqualTo(1);
        assertThat(rig.number("select count(*) from events where user_id = 'bob'")).isEqualTo(1);
    }

    @Test
    void what_the_loader_and_the_queries_rely_on_is_kept_from_guests() throws Exception {
        load(0, 10);
        Table events = guest.loadTable(EVENTS);
        long first = events.currentSnapshot().snapshotId();
        load(10, 20);
        events.refresh();
        DataFile file = files(events.newScan()).getFirst();
        DataFile copy = copy(events, file, "guest.parquet");
        Path elsewhere = Files.copy(Path.of(URI.create(copy.location())), folder.resolve("x"));

        Path broken = Path.of(URI.create(copy.location())).resolveSibling("broken.parquet");
        byte[] whole = Files.readAllBytes(Path.of(URI.create(copy.location())));
        Files.write(broken, java.util.Arrays.copyOf(whole, whole.length - 100));
        DataFile rejected =
                files(guest.loadTable(TableIdentifier.of("analytics", "rejected")).newScan())
                        .getFirst();
        Path foreign =
                Files.copy(
                        Path.of(URI.create(rejected.location())),
                        broken.resolveSibling("foreign.parquet"));

        refused("a property", t -> t.updateProperties().set("quintet.log.offset", "1").commit());
        refused(
                "another limit",
                t -> t.updateProperties().set("commit.retry.num-retries", "0").commit());
        refused("a column", t -> t.updateSchema().addColumn("more", Types.LongType.get()).commit());
        refused("partitions", t -> t.updateSpec().removeField("organisation").commit());
        refused("an order", t -> t.replaceSortOrder().asc("source").commit());
        refused("a place", t -> t.updateLocation().setLocation("file://" + folder).commit());
        refused("a tag", t -> t.manageSnapshots().createTag("mine", first).commit());
        refused("a branch", t -> t.manageSnapshots().createBranch("mine", first).commit());
        refused(
                "forgetting",
                t ->
                        t.expireSnapshots()
                                .expireOlderThan(System.currentTimeMillis() + 1)
                                .retainLast(1)
                                .commit());
        refused("a deletion", t -> t.newDelete().deleteFile(file).commit());
        refused(
                "all rows",
                t ->
                        t.newOverwrite()
                                .overwriteByRowFilter(Expressions.alwaysTrue())
                                .addFile(copy)
                                .commit());
        refused("other files", t -> t.newRewrite().deleteFile(file).addFile(copy).commit());
        refused("no whole file", t -> append(t, copy, broken.toString(), FileFormat.PARQUET));
        refused("another table's", t -> append(t, copy, foreign.toString(), FileFormat.PARQUET));
        refused("a step back", t -> t.manageSnapshots().rollbackTo(first).commit());
        refused(
                "delete files",
                t ->
                        t.newRowDelta()
                                .addDeletes(
                                        FileMetadata.deleteFileBuilder(t.spec())
                                                .ofPositionDeletes()
                                                .withPath(copy.location() + ".deletes.parquet")
                                                .withFormat(FileFormat.PARQUET)
                                                .withPartition(file.partition())
                                                .withFileSizeInBytes(10)
                                                .withRecordCount(1)
                                                .build())
                                .commit());
        refused(
                "a file elsewhere",
                t -> append(t, copy, "file://" + elsewhere, FileFormat.PARQUET));
        refused("no file", t -> append(t, copy, copy.location() + ".no", FileFormat.PARQUET));
        refused("no Parquet", t -> append(t, copy, copy.location(), FileFormat.AVRO));
        refused(
                "a way out",
                t ->
                        append(
                                t,
                                copy,
                                copy.location().replace("guest.parquet", "../../../../x"),
                                FileFormat.PARQUET));
        assertThatThrownBy(() -> guest.dropTable(EVENTS, true))
                .isInstanceOf(ForbiddenException.class);
        assertThatThrownBy(() -> guest.renameTable(EVENTS, THEIRS))
                .isInstanceOf(ForbiddenException.class);
        assertThatThrownBy(() ->
                        guest.createTable(TableIdentifier.of("analytics", "mine"), ONE_COLUMN))
                .isInstanceOf(ForbiddenException.class);
        assertThatThrownBy(() -> guest.createNamespace(Namespace.of("analytics", "mine")))
                .isInstanceOf(ForbiddenException.class);
        assertThatThrownBy(() -> guest.dropNamespace(Namespace.of("analytics")))
                .isInstanceOf(ForbiddenException.class);
        assertThatThrownBy(() ->
                        guest.setProperties(
                                Namespace.of("analytics"), new HashMap<>(Map.of("a", "b"))))
                .isInstanceOf(ForbiddenException.class);

        load(20, 30);
        assertThat(rig.number("select count(*) from events")).isEqualTo(30);
        assertThat(rig.ledger()).isEqualTo(new Balance(33, 30, 0, 3, 0, List.of()));
    }

    private static void append(Table table, DataFile like, String location, FileFormat format) {
        table.newAppend()
                .appendFile(
                        DataFiles.builder(table.spec())
                                .copy(like)
                                .withPath(location)
                                .withFormat(format)
                                .build())
                .commit();
    }

    private void refused(String what, Consumer<Table> change) {
        Table events = guest.loadTable(EVENTS);
        String metadata = metadata(events);
        assertThatThrownBy(() -> change.accept(events))
                .as(what)
                .isInstanceOf(ForbiddenException.class);
        assertThat(metadata(guest.loadTable(EVENTS))).as(what).isEqualTo(metadata);
    }

    private static String metadata(Table table) {
        return ((HasTableOperations) table).operations().current().metadataFileLocation();
    }

    @Test
    void many_small_appends_are_joined_by_a_guest_and_nothing_is_missing() throws Exception {
        for (int round = 0; round < 4; round++) {
            load(round * 10, round * 10 + 10);
        }
        Table events = guest.loadTable(EVENTS);
        List<DataFile> all = files(events.newScan());
        // As Iceberg does by itself with a hundred manifests.
        events.rewriteManifests().clusterBy(file -> "").rewriteIf(manifest -> true).commit();
        assertThat(guest.loadTable(EVENTS).currentSnapshot().allManifests(events.io())).hasSize(1);
        events.newAppend().appendFile(copy(events, all.getFirst(), "guest.parquet")).commit();
        assertThat(rig.number("select count(*) from events")).isEqualTo(50);
        load(40, 50);
        assertThat(rig.number("select count(*) from events")).isEqualTo(60);
    }

    @Test
    void a_guest_whose_clock_is_ahead_is_refused_and_loading_goes_on() throws Exception {
        load(0, 10);
        InstantSource slow = InstantSource.offset(InstantSource.system(), Duration.ofMinutes(-10));
        try (OpenCatalog own =
                        new OpenCatalog(
                                rig.url,
                                rig.disk,
                                folder.resolve("lake"),
                                slow,
                                (table, file) -> Optional.empty());
                TestWeb door = TestWeb.of(new IcebergRoutes(own, rig.database).routes());
                RESTCatalog ahead = client(door)) {
            Table events = ahead.loadTable(EVENTS);
            DataFile copy = copy(events, files(events.newScan()).getFirst(), "ahead.parquet");
            assertThatThrownBy(() -> events.newAppend().appendFile(copy).commit())
                    .isInstanceOf(ForbiddenException.class)
                    .hasMessageContaining("set the clock right");
        }
        load(10, 20);
    }

    @Test
    void what_a_guest_wrote_is_on_the_disk_before_its_commit_is_answered() throws Exception {
        load(0, 10);
        Set<Path> forced = ConcurrentHashMap.newKeySet();
        try (OpenCatalog own =
                        new OpenCatalog(
                                rig.url,
                                recording(forced),
                                folder.resolve("lake"),
                                time,
                                (table, file) -> Optional.empty());
                TestWeb door = TestWeb.of(new IcebergRoutes(own, rig.database).routes());
                RESTCatalog other = client(door)) {
            Table events = other.loadTable(EVENTS);
            DataFile copy = copy(events, files(events.newScan()).getFirst(), "guest.parquet");
            events.newAppend().appendFile(copy).commit();
            assertForced(forced, events, copy);

            other.createNamespace(GUEST);
            Table theirs = other.createTable(THEIRS, events.schema(), events.spec());
            Path data = Files.createDirectories(place(theirs.location() + "/data"));
            Path file = Files.copy(place(copy.location()), data.resolve("a.parquet"));
            DataFile first =
                    DataFiles.builder(theirs.spec()).copy(copy).withPath("file://" + file).build();
            theirs.newAppend().appendFile(first).commit();
            assertForced(forced, theirs, first);
            assertThat(forced).contains(data, place(theirs.location()));
        }
    }

    private static void assertForced(Set<Path> forced, Table table, DataFile file) {
        Snapshot snapshot = table.currentSnapshot();
        assertThat(forced).contains(place(file.location()), place(snapshot.manifestListLocation()));
        assertThat(
                        snapshot.allManifests(table.io()).stream()
                                .filter(manifest ->
                                        Objects.equals(
                                                manifest.snapshotId(), snapshot.snapshotId())))
                .hasSize(1)
                .allMatch(manifest -> forced.contains(place(manifest.path())));
    }

    private static Path place(String location) {
        return location.startsWith("file:") ? Path.of(URI.create(location)) : Path.of(location);
    }

    private ForwardingDisk recording(Set<Path> forced) {
        return new ForwardingDisk(rig.disk) {
            @Override
            public void forceFile(Path path) {
                super.forceFile(path);
                forced.add(path);
            }

            @Override
            public void forceFolder(Path path) {
                super.forceFolder(path);
                forced.add(path);
            }
        };
    }

    @Test
    void a_guests_own_tables_lie_apart_and_purging_them_takes_nothing_of_ours() throws Exception {
        load(0, 10);
        Table events = guest.loadTable(EVENTS);
        DataFile ours = files(events.newScan()).getFirst();
        guest.createNamespace(GUEST);
        Table theirs =
                guest.buildTable(THEIRS, events.schema()).withPartitionSpec(events.spec()).create();
        assertThat(theirs.location()).startsWith("file://" + folder.resolve("lake/guests"));
        theirs.newAppend().appendFile(ours).commit();
        assertThat(rows(guest.loadTable(THEIRS).newScan())).isEqualTo(10);

        for (String outside :
                List.of(
                        folder.resolve("elsewhere").toString(),
                        folder.resolve("lake/analytics/events").toString(),
                        folder.resolve("lake/staging").toString(),
                        theirs.location().substring(7) + "/../../../staging")) {
            assertThatThrownBy(() ->
                            guest.buildTable(TableIdentifier.of(GUEST, "more"), ONE_COLUMN)
                                    .withLocation("file://" + outside)
                                    .create())
                    .as(outside)
                    .isInstanceOf(ForbiddenException.class);
        }
        assertThatThrownBy(() ->
                        guest.buildTable(TableIdentifier.of(GUEST, "more"), ONE_COLUMN)
                                .withProperty("write.metadata.path", "file://" + folder)
                                .create())
                .isInstanceOf(ForbiddenException.class);
        assertThatThrownBy(() ->
                        guest.registerTable(TableIdentifier.of(GUEST, "more"), metadata(events)))
                .isInstanceOf(ForbiddenException.class);
        assertThatThrownBy(() ->
                        guest.registerTable(
                                TableIdentifier.of(GUEST, "more"), "file:///etc/passwd"))
                .isInstanceOf(ForbiddenException.class);

        assertThat(guest.dropTable(THEIRS, true)).isTrue();
        assertThat(rig.number("select count(*) from events")).isEqualTo(10);
        List<String> acts =
                rig.database.read(tx -> new Audit().after(tx, Caller.ROOT, 0, 100)).stream()
                        .map(Entry::act)
                        .map(Act::action)
                        .filter(action -> action.startsWith("lake."))
                        .toList();
        assertThat(acts)
                .containsExactly("lake.namespace.create", "lake.table.create", "lake.table.purge");
    }
}
