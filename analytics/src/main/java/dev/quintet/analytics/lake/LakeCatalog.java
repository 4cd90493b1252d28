package dev.quintet.analytics.lake;

import dev.quintet.platform.disk.Disk;
import dev.quintet.platform.sql.DatabaseUrl;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.CatalogProperties;
import org.apache.iceberg.PartitionField;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.UpdatePartitionSpec;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.exceptions.AlreadyExistsException;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.jdbc.JdbcCatalog;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.types.Types.NestedField;

/** Iceberg's stock JDBC catalog on our PostgreSQL: which metadata file each table's truth is in. */
final class LakeCatalog implements AutoCloseable {

    private static final Namespace NAMESPACE = Namespace.of(Lake.NAMESPACE);

    private final JdbcCatalog catalog;

    LakeCatalog(DatabaseUrl database, Disk disk, Path warehouse) {
        Map<String, String> properties = new HashMap<>();
        properties.put(CatalogProperties.WAREHOUSE_LOCATION, LakeFiles.location(warehouse));
        properties.put(CatalogProperties.URI, "jdbc:postgresql:");
        properties.put("jdbc.schema-version", "V1");
        this.catalog =
                new JdbcCatalog(
                        options -> new LakeFiles(disk),
                        options -> new CatalogConnections(database, 1),
                        true);
        catalog.initialize(Lake.CATALOG, properties);
        if (!catalog.namespaceExists(NAMESPACE)) {
            catalog.createNamespace(NAMESPACE, Map.of());
        }
    }

    /** The table as of now; made when there is none. */
    Table load(LakeTable shape) {
        TableIdentifier name = TableIdentifier.of(NAMESPACE, shape.table());
        if (catalog.tableExists(name)) {
            return withPositions(byReceipt(catalog.loadTable(name)));
        }
        Schema schema = schema(shape);
        PartitionSpec partitions =
                PartitionSpec.builderFor(schema)
                        .identity(LakeTable.ORGANISATION.name())
                        .day(LakeTable.RECEIVED)
                        .build();
        try {
            return catalog.createTable(name, schema, partitions, settings());
        } catch (AlreadyExistsException another) {
            return catalog.loadTable(name);
        }
    }

    /**
     * Tables of the first weeks were apart by the day of the event, so that one batch could make
     * thousands of files; files that lie so stay as they are.
     */
    private static Table byReceipt(Table table) {
        int received = table.schema().findField(LakeTable.RECEIVED).fieldId();
        List<PartitionField> others =
                table.spec().fields().stream()
                        .filter(field -> field.transform().toString().equals("day"))
                        .filter(field -> field.sourceId() != received)
                        .toList();
        if (!others.isEmpty()) {
            UpdatePartitionSpec update = table.updateSpec();
            others.forEach(field -> update.removeField(field.name()));
            update.addField(Expressions.day(LakeTable.RECEIVED)).commit();
        }
        return table;
    }

    /**
     * Before a position had a partition, rejected items named a segment of the log and a byte in
     * it; files that do so stay as they are, and {@link LakeTable} reads them.
     */
    private static Table withPositions(Table table) {
        if (table.schema().findField("segment") != null) {
            table.updateSchema()
                    .deleteColumn("segment")
                    .deleteColumn("position")
                    .addColumn("log_partition", Types.LongType.get())
                    .addColumn("log_offset", Types.LongType.get())
                    .commit();
        }
        return table;
    }

    /** A commit a second is 86,000 metadata files a day: they go as soon as ten newer are there. */
    private static Map<String, String> settings() {
        return Map.of(
                TableProperties.FORMAT_VERSION, "2",
                TableProperties.METADATA_DELETE_AFTER_COMMIT_ENABLED, "true",
                TableProperties.METADATA_PREVIOUS_VERSIONS_MAX, "10",
                TableProperties.DEFAULT_WRITE_METRICS_MODE, "none");
    }

    private static Schema schema(LakeTable shape) {
        return new Schema(
                shape.whole()
                        .map(column ->
                                column.required()
                                        ? NestedField.required(
                                                column.id(), column.name(), type(column.kind()))
                                        : NestedField.optional(
                                                column.id(), column.name(), type(column.kind())))
                        .toList());
    }

    private static Type type(LakeTable.Kind kind) {
        return switch (kind) {
            case TEXT -> Types.StringType.get();
            case NUMBER -> Types.LongType.get();
            case TIME -> Types.TimestampType.withZone();
        };
    }

    @Override
    public void close() {
        catalog.close();
    }
}
