package dev.quintet.analytics.iceberg;

import dev.quintet.platform.disk.LocalDisk;
import dev.quintet.platform.http.TestWeb;
import dev.quintet.platform.sql.TestDatabase;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.iceberg.CatalogProperties;
import org.apache.iceberg.catalog.CatalogTests;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.rest.RESTCatalog;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** Iceberg's own tests of a catalog, by its REST client against ours over HTTP. */
public final class CatalogContractTest extends CatalogTests<RESTCatalog> {

    @TempDir static Path folder;

    private static final LocalDisk DISK = new LocalDisk(2);
    private static TestDatabase database;
    private static OpenCatalog open;
    private static TestWeb web;
    private RESTCatalog client;

    @BeforeAll
    static void openCatalog() {
        database = TestDatabase.create("analytics");
        open =
                new OpenCatalog(
                        database.url(),
                        DISK,
                        folder,
                        InstantSource.system(),
                        (table, file) -> Optional.empty());
        web = TestWeb.of(new IcebergRoutes(open, database.database()).routes());
    }

    @AfterAll
    static void closeCatalog() {
        web.close();
        open.close();
        database.close();
    }

    @BeforeEach
    void connect() {
        client = initCatalog("quintet", Map.of());
    }

    @AfterEach
    void clear() throws Exception {
        for (Namespace namespace : client.listNamespaces()) {
            clear(namespace);
        }
        client.close();
    }

    private void clear(Namespace namespace) {
        client.listNamespaces(namespace).forEach(this::clear);
        client.listTables(namespace).forEach(client::dropTable);
        client.dropNamespace(namespace);
    }

    @Override
    protected RESTCatalog catalog() {
        return client;
    }

    @Override
    protected RESTCatalog initCatalog(String name, Map<String, String> more) {
        Map<String, String> properties = new HashMap<>();
        properties.put(CatalogProperties.URI, web.at("/iceberg").toString());
        properties.put("token", TestWeb.ADMIN);
        properties.put(CatalogProperties.FILE_IO_IMPL, GuestFiles.class.getName());
        // What the contract expects of each catalog that it makes.
        properties.put("table-default.default-key1", "catalog-default-key1");
        properties.put("table-default.default-key2", "catalog-default-key2");
        properties.put("table-default.override-key3", "catalog-default-key3");
        properties.put("table-override.override-key3", "catalog-override-key3");
        properties.put("table-override.override-key4", "catalog-override-key4");
        properties.putAll(more);
        RESTCatalog catalog = new RESTCatalog();
        catalog.initialize(name, properties);
        return catalog;
    }

    @Override
    protected boolean supportsNestedNamespaces() {
        return true;
    }

    @Override
    protected boolean requiresNamespaceCreate() {
        return true;
    }

    @Override
    protected boolean supportsServerSideRetry() {
        return true;
    }

    /** Iceberg's JDBC catalog keeps the levels of a namespace with dots between them. */
    @Override
    protected boolean supportsNamesWithDot() {
        return false;
    }

    @Override
    protected String baseTableLocation(TableIdentifier table) {
        return "file://" + folder.resolve("guests/" + table.namespace() + "/" + table.name());
    }
}
