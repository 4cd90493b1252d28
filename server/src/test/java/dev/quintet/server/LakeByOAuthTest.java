package dev.quintet.server;

import static dev.quintet.server.LiveServer.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quintet.platform.Await;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.exceptions.ForbiddenException;
import org.apache.iceberg.exceptions.NotAuthorizedException;
import org.apache.iceberg.rest.RESTCatalog;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Another engine comes to the lake with a client of our own issuer, as its users set it up. */
final class LakeByOAuthTest {

    @TempDir Path data;

    @Test
    void a_client_of_our_issuer_reads_the_lake_and_writes_only_with_the_right_to()
            throws Exception {
        try (LiveServer server = LiveServer.start(data, Map.of())) {
            JsonNode source =
                    server.admin("POST", "/api/v1/analytics/sources", "{\"name\":\"s\"}", 201);
            server.track(source.get("writeKey").asString(), "Seen");
            try (RESTCatalog reader = catalog(server, "lake:read")) {
                assertThat(reader.listTables(Namespace.of("analytics"))).hasSize(2);
                Await.until(
                        "the event is in the lake", () -> events(reader).currentSnapshot() != null);
                assertThatThrownBy(() -> reader.createNamespace(Namespace.of("mine")))
                        .isInstanceOf(ForbiddenException.class)
                        .hasMessageContaining("lake:write");
            }
            try (RESTCatalog writer = catalog(server, "lake:read lake:write")) {
                writer.createNamespace(Namespace.of("mine"));
                assertThat(writer.listNamespaces()).contains(Namespace.of("mine"));
            }
            try (RESTCatalog nobody = new RESTCatalog()) {
                assertThatThrownBy(() ->
                                nobody.initialize(
                                        "q",
                                        Map.of(
                                                "uri",
                                                server.url() + "/iceberg",
                                                "token",
                                                "nobody's")))
                        .isInstanceOf(NotAuthorizedException.class);
            }
        }
    }

    private static Table events(RESTCatalog catalog) {
        return catalog.loadTable(TableIdentifier.of("analytics", "events"));
    }

    private static RESTCatalog catalog(LiveServer server, String scope) throws Exception {
        JsonNode client =
                server.admin(
                        "POST",
                        "/api/v1/clients",
                        json(
                                Map.of(
                                        "name",
                                        "engine",
                                        "redirectUris",
                                        List.of(),
                                        "grantTypes",
                                        List.of("client_credentials"),
                                        "public",
                                        false,
                                        "authMethod",
                                        "client_secret_post",
                                        "scopes",
                                        List.of(scope.split(" ")))),
                        201);
        RESTCatalog catalog = new RESTCatalog();
        catalog.initialize(
                "quintet",
                Map.of(
                        "uri",
                        server.url() + "/iceberg",
                        "credential",
                        client.get("clientId").asString()
                                + ":"
                                + client.get("clientSecret").asString(),
                        "oauth2-server-uri",
                        server.url() + "/oauth2/token",
                        "scope",
                        scope,
                        "io-impl",
                        "org.apache.iceberg.inmemory.InMemoryFileIO"));
        return catalog;
    }
}
