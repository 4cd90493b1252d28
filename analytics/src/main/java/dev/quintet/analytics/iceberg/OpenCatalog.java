package dev.quintet.analytics.iceberg;

import dev.quintet.analytics.lake.CatalogConnections;
import dev.quintet.analytics.lake.Lake;
import dev.quintet.analytics.lake.LakeFiles;
import dev.quintet.platform.disk.Disk;
import dev.quintet.platform.sql.DatabaseUrl;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.iceberg.CatalogProperties;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableOperations;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.exceptions.ForbiddenException;
import org.apache.iceberg.exceptions.NoSuchNamespaceException;
import org.apache.iceberg.jdbc.JdbcCatalog;

/**
 * The lake's catalog for other engines: the same tables as the loader's, each behind {@link
 * GuardedTable}. The namespace of the lake's own tables stays as it is; others are the guests'.
 */
public final class OpenCatalog extends JdbcCatalog {

    private static final int CONNECTIONS = 2;

    private final GuardedFiles files;
    private final InstantSource time;
    private final Reader reader;

    /** The server's own queries. */
    @FunctionalInterface
    public interface Reader {

        /** Why they could not read a file of one of the lake's tables; empty if they can. */
        Optional<String> objection(String table, Path file);
    }

    /**
     * @param lake where the lake lies
     */
    public OpenCatalog(
            DatabaseUrl database, Disk disk, Path lake, InstantSource time, Reader reader) {
        this(database, new GuardedFiles(disk, lake), time, reader);
    }

    private OpenCatalog(
            DatabaseUrl database, GuardedFiles files, InstantSource time, Reader reader) {
        super(options -> files, options -> new CatalogConnections(database, CONNECTIONS), true);
        this.files = files;
        this.time = time;
        this.reader = reader;
        initialize(
                Lake.CATALOG,
                Map.of(
                        CatalogProperties.WAREHOUSE_LOCATION,
                        LakeFiles.location(files.guests()),
                        CatalogProperties.URI,
                        "jdbc:postgresql:",
                        "jdbc.schema-version",
                        "V1",
                        // Else a table under the old name of another would share its files.
                        CatalogProperties.UNIQUE_TABLE_LOCATION,
                        "true"));
    }

    @Override
    protected TableOperations newTableOps(TableIdentifier table) {
        Optional<GuardedTable.OwnTable> own =
                isOwn(table.namespace())
                        ? Optional.of(
                                new GuardedTable.OwnTable(
                                        files.ownData(table.name()),
                                        file -> reader.objection(table.name(), file)))
                        : Optional.empty();
        return new GuardedTable(super.newTableOps(table), files, own, time);
    }

    @Override
    public TableBuilder buildTable(TableIdentifier table, Schema schema) {
        requirePlace(table);
        return super.buildTable(table, schema);
    }

    @Override
    public Table registerTable(TableIdentifier table, String metadata) {
        requirePlace(table);
        files.requireGuests(metadata);
        return super.registerTable(table, metadata);
    }

    @Override
    public boolean dropTable(TableIdentifier table, boolean purge) {
        requireGuests(table.namespace());
        return super.dropTable(table, purge);
    }

    @Override
    public void renameTable(TableIdentifier from, TableIdentifier to) {
        requireGuests(from.namespace());
        requireGuests(to.namespace());
        super.renameTable(from, to);
    }

    @Override
    public void createNamespace(Namespace namespace, Map<String, String> metadata) {
        requireGuests(namespace);
        super.createNamespace(namespace, metadata);
    }

    @Override
    public boolean dropNamespace(Namespace namespace) {
        requireGuests(namespace);
        return super.dropNamespace(namespace);
    }

    @Override
    public boolean setProperties(Namespace namespace, Map<String, String> properties) {
        requireGuests(namespace);
        return super.setProperties(namespace, properties);
    }

    @Override
    public boolean removeProperties(Namespace namespace, Set<String> properties) {
        requireGuests(namespace);
        return super.removeProperties(namespace, properties);
    }

    private void requirePlace(TableIdentifier table) {
        requireGuests(table.namespace());
        if (!namespaceExists(table.namespace())) {
            throw new NoSuchNamespaceException("Namespace does not exist: %s", table.namespace());
        }
    }

    private static void requireGuests(Namespace namespace) {
        if (isOwn(namespace)) {
            throw new ForbiddenException(
                    "the namespace %s is the server's own; make tables in another one",
                    Lake.NAMESPACE);
        }
    }

    private static boolean isOwn(Namespace namespace) {
        return !namespace.isEmpty() && namespace.level(0).equals(Lake.NAMESPACE);
    }
}
