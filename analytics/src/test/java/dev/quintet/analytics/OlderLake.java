package dev.quintet.analytics;

import dev.quintet.analytics.lake.CatalogConnections;
import dev.quintet.analytics.lake.LakeFiles;
import dev.quintet.platform.disk.LocalDisk;
import dev.quintet.platform.sql.Migrations;
import dev.quintet.platform.sql.TestDatabase;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.AppendFiles;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.UpdateProperties;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.jdbc.JdbcCatalog;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.types.Types.NestedField;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Makes of what is stored now what a release before positions had a partition would have left, and
 * lets today's migrations find it: columns and properties by their old names, with segment and byte
 * in them. The log's own files have not changed.
 */
final class OlderLake {

    private static final String PLACE = "(%1$s >> 32) || ':' || (%1$s & 4294967295)";

    private final TestDatabase database;
    private final Path lake;

    private OlderLake(TestDatabase database, Path lake) {
        this.database = database;
        this.lake = lake;
    }

    /** What a power cut left at any moment may be made old. */
    static void make(TestDatabase database, Path lake) throws IOException {
        OlderLake older = new OlderLake(database, lake);
        older.database();
        older.tables();
        older.fileNames();
        new Migrations(database.url()).migrate(List.of("analytics"));
    }

    private void database() {
        database.database()
                .run(tx -> {
                    for (String sql :
                            List.of(
                                    "alter table analytics.loaded add column position text",
                                    "update analytics.loaded set position = "
                                            + PLACE.formatted("log_offset"),
                                    "alter table analytics.loaded alter column position set not null,"
                                            + " drop column log_partition, drop column log_offset",
                                    "alter table analytics.gaps add column from_position text,"
                                            + " add column to_position text",
                                    "update analytics.gaps set from_position = "
                                            + PLACE.formatted("from_offset")
                                            + ", to_position = "
                                            + PLACE.formatted("to_offset"),
                                    "alter table analytics.gaps drop column log_partition,"
                                            + " drop column from_offset, drop column to_offset,"
                                            + " add primary key (from_position),"
                                            + " alter column to_position set not null",
                                    "alter table analytics.erasures add column up_to text",
                                    "update analytics.erasures set up_to = "
                                            + PLACE.formatted("log_offset"),
                                    "alter table analytics.erasures alter column up_to set not null,"
                                            + " drop column log_partition, drop column log_offset",
                                    "delete from analytics.schema_history where script like '005-%'",
                                    "delete from platform.schema_files where system = 'analytics'")) {
                        tx.handle().execute(sql);
                    }
                });
    }

    private void tables() throws IOException {
        try (LocalDisk disk = new LocalDisk(1);
                JdbcCatalog catalog =
                        new JdbcCatalog(
                                options -> new LakeFiles(disk),
                                options -> new CatalogConnections(database.url(), 1),
                                false)) {
            catalog.initialize(
                    "quintet",
                    Map.of(
                            "warehouse",
                            LakeFiles.location(lake),
                            "uri",
                            "jdbc:postgresql:",
                            "jdbc.schema-version",
                            "V1"));
            Table events = catalog.loadTable(TableIdentifier.of("analytics", "events"));
            positions(events, events.properties());
            rejected(catalog);
        }
    }

    private static void positions(Table table, Map<String, String> now) {
        UpdateProperties update = table.updateProperties();
        String offset = now.get("quintet.log.offset");
        if (offset != null) {
            update.remove("quintet.log.offset")
                    .remove("quintet.log.partition")
                    .set("quintet.log.position", place(Long.parseLong(offset)));
        }
        String tally = now.get("quintet.log.tally");
        if (tally != null) {
            update.set("quintet.log.tally", tally.isEmpty() ? tally : older(tally));
        }
        update.commit();
    }

    private static String older(String tally) {
        ObjectNode json = (ObjectNode) JsonMapper.shared().readTree(tally);
        for (String side : List.of("start", "end")) {
            JsonNode position = json.get(side);
            json.put(side, place(position.get("offset").longValue()));
        }
        return json.toString();
    }

    private static String place(long offset) {
        return (offset >> 32) + ":" + (offset & 0xFFFF_FFFFL);
    }

    /** The table as it was made then, with the same items in files of then. */
    private void rejected(JdbcCatalog catalog) throws IOException {
        TableIdentifier name = TableIdentifier.of("analytics", "rejected");
        Table now = catalog.loadTable(name);
        Map<String, String> properties = Map.copyOf(now.properties());
        List<DataFile> files = new ArrayList<>();
        try (CloseableIterable<FileScanTask> tasks = now.newScan().planFiles()) {
            tasks.forEach(task -> files.add(task.file().copy()));
        }
        catalog.dropTable(name, false);
        Types.LongType number = Types.LongType.get();
        Types.StringType text = Types.StringType.get();
        Schema schema =
                new Schema(
                        NestedField.required(1, "organisation", text),
                        NestedField.required(2, "position", number),
                        NestedField.required(3, "item", number),
                        NestedField.required(4, "source", text),
                        NestedField.optional(5, "message_id", text),
                        NestedField.required(6, "reason", text),
                        NestedField.required(7, "path", text),
                        NestedField.required(8, "received_at", Types.TimestampType.withZone()),
                        NestedField.required(9, "body", text),
                        NestedField.required(10, "segment", number));
        PartitionSpec spec =
                PartitionSpec.builderFor(schema)
                        .identity("organisation")
                        .day("received_at")
                        .build();
        Table then = catalog.createTable(name, schema, spec, properties);
        AppendFiles append = then.newAppend();
        for (DataFile file : files) {
            append.appendFile(older(file, then));
        }
        append.commit();
        positions(then, properties);
    }

    private static DataFile older(DataFile file, Table then) {
        Path now = LakeFiles.path(file.location());
        Path old = now.resolveSibling("000000000001-000000000032-" + now.getFileName());
        String sql =
                """
                copy (
                    select organisation, log_offset & 4294967295 as position, item, source, message_id,
                           reason, path, received_at, body, log_offset >> 32 as segment
                    from '%s'
                ) to '%s' (format parquet, field_ids {organisation: 1, position: 2, item: 3, source: 4,
                    message_id: 5, reason: 6, path: 7, received_at: 8, body: 9, segment: 10})
                """
                        .formatted(now, old);
        try (Connection duckdb = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = duckdb.createStatement()) {
            statement.execute(sql);
            Files.delete(now);
            return DataFiles.builder(then.spec())
                    .withPath(LakeFiles.location(old))
                    .withFormat(FileFormat.PARQUET)
                    .withPartition(file.partition())
                    .withFileSizeInBytes(Files.size(old))
                    .withRecordCount(file.recordCount())
                    .build();
        } catch (SQLException | IOException failed) {
            throw new IllegalStateException(sql, failed);
        }
    }

    /** Files that no table knows yet are known by their name alone. */
    private void fileNames() throws IOException {
        Path data = lake.resolve("analytics/events/data");
        List<String> known = new ArrayList<>();
        SecondReader.files(database.url(), "events").forEach(file -> known.add(file.getName()));
        try (var files = Files.list(data)) {
            for (Path file : files.toList()) {
                if (!known.contains(file.getFileName().toString())) {
                    Files.move(file, data.resolve("000000000001-000000000032-1-64-1-0.parquet"));
                }
            }
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}
