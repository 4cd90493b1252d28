package dev.quintet.analytics.iceberg;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quintet.analytics.lake.Lake;
import dev.quintet.platform.Refusal;
import dev.quintet.platform.caller.Caller;
import dev.quintet.platform.caller.Scope;
import dev.quintet.platform.disk.LocalDisk;
import dev.quintet.platform.http.Observer;
import dev.quintet.platform.http.Route;
import dev.quintet.platform.http.Routes;
import dev.quintet.platform.http.TestWeb;
import dev.quintet.platform.sql.TestDatabase;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Every refusal that a route of the catalog declares, in the protocol's own form. */
final class IcebergRefusalsTest {

    private static final String NS = "/iceberg/v1/namespaces";
    private static final String SCHEMA =
            "{\"type\":\"struct\",\"schema-id\":0,\"fields\":[{\"id\":1,\"name\":\"n\",\"required\":false,\"type\":\"long\"}]}";
    private static final String NO_CHANGE = "{\"requirements\":[],\"updates\":[]}";
    private static final Caller OTHERS =
            new Caller(
                    "key:them",
                    new UUID(0x0190_0000_0000_7000L, 0x8000_0000_0000_0002L),
                    Optional.empty(),
                    Set.of(Scope.ADMIN));
    private static final Caller READER =
            new Caller("key:reader", Caller.ROOT, Optional.empty(), Set.of(Scope.LAKE_READ));

    @TempDir Path folder;

    private final LocalDisk disk = new LocalDisk(2);
    private TestDatabase database;
    private OpenCatalog catalog;
    private Routes routes;
    private TestWeb web;

    @BeforeEach
    void open() throws Exception {
        database = TestDatabase.create("analytics");
        new Lake(disk, folder, InstantSource.system(), database.url()).close();
        catalog =
                new OpenCatalog(
                        database.url(),
                        disk,
                        folder,
                        InstantSource.system(),
                        (table, file) -> Optional.empty());
        routes = new IcebergRoutes(catalog, database.database()).routes();
        web = TestWeb.of(IcebergRefusalsTest::known, routes);
        made(NS, "{\"namespace\":[\"full\"]}");
        made(NS, "{\"namespace\":[\"empty\"]}");
        made(NS + "/full/tables", table("t"));
        made(NS + "/full/tables", table("u"));
    }

    @AfterEach
    void close() {
        web.close();
        catalog.close();
        database.close();
        disk.close();
    }

    private static Optional<Caller> known(String bearer) {
        return switch (bearer) {
            case "others" -> Optional.of(OTHERS);
            case "reader" -> Optional.of(READER);
            default -> TestWeb.allRights(bearer);
        };
    }

    @Test
    void each_refusal_of_each_route_in_the_protocols_form() throws Exception {
        refused("GET", NS + "?parent=no", "", 404, "NoSuchNamespaceException");
        refused("GET", NS + "?pageSize=x", "", 400, "NumberFormatException");
        refused("POST", NS, "{\"namespace\":[\"full\"]}", 409, "AlreadyExistsException");
        refused("POST", NS, "{\"namespace\":[\"analytics\",\"x\"]}", 403, "ForbiddenException");
        refused("POST", NS, "{", 400, "BadRequestException");
        refused("POST", NS, "null", 400, "BadRequestException");
        refused("POST", NS, "{\"namespace\":7}", 400, "BadRequestException");
        refused("GET", NS + "/no", "", 404, "NoSuchNamespaceException");
        refused("HEAD", NS + "/no", "", 404, "");
        refused("DELETE", NS + "/no", "", 404, "NoSuchNamespaceException");
        refused("DELETE", NS + "/full", "", 409, "NamespaceNotEmptyException");
        refused("DELETE", NS + "/analytics", "", 403, "ForbiddenException");
        String set = "{\"updates\":{\"a\":\"b\"}}";
        refused("POST", NS + "/no/properties", set, 404, "NoSuchNamespaceException");
        refused("POST", NS + "/analytics/properties", set, 403, "ForbiddenException");
        refused(
                "POST",
                NS + "/full/properties",
                "{\"removals\":[\"a\"],\"updates\":{\"a\":\"b\"}}",
                422,
                "UnprocessableEntityException");
        refused("POST", NS + "/full/properties", "[", 400, "BadRequestException");
        refused("GET", NS + "/no/tables", "", 404, "NoSuchNamespaceException");
        refused("GET", NS + "/full/tables?pageSize=x", "", 400, "NumberFormatException");
        refused("POST", NS + "/no/tables", table("t"), 404, "NoSuchNamespaceException");
        refused("POST", NS + "/full/tables", table("t"), 409, "AlreadyExistsException");
        refused("POST", NS + "/analytics/tables", table("t"), 403, "ForbiddenException");
        refused("POST", NS + "/full/tables", "{\"name\":\"v\"}", 400, "IllegalArgumentException");

        String there = metadata("t");
        String register = NS + "/full/register";
        refused("POST", NS + "/no/register", register("v", there), 404, "NoSuchNamespaceException");
        refused("POST", register, register("v", there + ".no"), 404, "NotFoundException");
        refused("POST", register, register("u", there), 409, "AlreadyExistsException");
        refused("POST", register, register("v", "file:///etc/passwd"), 403, "ForbiddenException");
        refused("POST", register, "{}", 400, "IllegalArgumentException");

        String rename = "/iceberg/v1/tables/rename";
        refused("POST", rename, rename("full", "t", "no", "t"), 404, "NoSuchNamespaceException");
        refused("POST", rename, rename("full", "no", "full", "v"), 404, "NoSuchTableException");
        refused("POST", rename, rename("full", "t", "full", "u"), 409, "AlreadyExistsException");
        refused("POST", rename, rename("full", "t", "analytics", "t"), 403, "ForbiddenException");
        refused("POST", rename, "{}", 400, "IllegalArgumentException");

        String t = NS + "/full/tables/t";
        refused("GET", NS + "/full/tables/no", "", 404, "NoSuchTableException");
        refused("GET", t + "?snapshots=none", "", 400, "BadRequestException");
        refused("HEAD", NS + "/full/tables/no", "", 404, "");
        refused("POST", NS + "/full/tables/no", NO_CHANGE, 404, "NoSuchTableException");
        refused(
                "POST",
                t,
                "{\"requirements\":[{\"type\":\"assert-create\"}],\"updates\":[]}",
                409,
                "CommitFailedException");
        refused(
                "POST",
                t,
                "{\"requirements\":[{\"type\":\"assert-current-schema-id\",\"current-schema-id\":9}],\"updates\":[]}",
                409,
                "CommitFailedException");
        refused(
                "POST",
                t,
                "{\"requirements\":[],\"updates\":[{\"action\":\"set-location\",\"location\":\"file:///tmp/x\"}]}",
                403,
                "ForbiddenException");
        refused("POST", t, "{\"updates\":7}", 400, "IllegalArgumentException");
        refused("DELETE", NS + "/full/tables/no", "", 404, "NoSuchTableException");
        refused("DELETE", NS + "/analytics/tables/events", "", 403, "ForbiddenException");

        Files.delete(Path.of(java.net.URI.create(metadata("u"))));
        refused("GET", NS + "/full/tables/u", "", 404, "NotFoundException");

        for (Route route : routes.routes()) {
            String path =
                    route.path().text().replace("{namespace}", "full").replace("{table}", "t");
            HttpResponse<String> answer = send("others", route.method(), path, "{}");
            assertThat(answer.statusCode()).as(route.name()).isEqualTo(403);
        }
        assertThat(unseen()).isEmpty();
    }

    private Set<String> unseen() {
        Set<String> unseen = new TreeSet<>();
        for (Route route : routes.routes()) {
            for (Refusal refusal : route.refusals()) {
                if (web.seen().stream().noneMatch(seen -> is(seen, route, refusal))) {
                    unseen.add(route.name() + " " + refusal.name());
                }
            }
        }
        return unseen;
    }

    private static boolean is(Observer.Seen seen, Route route, Refusal refusal) {
        return seen.route().filter(route::equals).isPresent()
                && seen.refusal().filter(refusal.name()::equals).isPresent();
    }

    @Test
    void who_may_read_may_not_write_and_nobody_goes_without_a_credential() throws Exception {
        assertThat(send("reader", "GET", NS, "").statusCode()).isEqualTo(200);
        HttpResponse<String> answer = send("reader", "POST", NS, "{\"namespace\":[\"n\"]}");
        assertThat(answer.statusCode()).isEqualTo(403);
        assertThat(error(answer).get("message").stringValue()).contains("lake:write");
        answer = web.send(HttpRequest.newBuilder(web.at(NS)).build());
        assertThat(answer.statusCode()).isEqualTo(401);
        assertThat(answer.headers().firstValue("WWW-Authenticate")).contains("Bearer");
        assertThat(error(answer).get("type").stringValue()).isEqualTo("NotAuthorizedException");
    }

    @Test
    void lists_come_in_pages_and_a_table_that_is_known_is_not_sent_again() throws Exception {
        JsonNode first = json(web.get(NS + "/full/tables?pageSize=1&pageToken="));
        assertThat(first.get("identifiers")).hasSize(1);
        String next = first.get("next-page-token").stringValue();
        JsonNode second = json(web.get(NS + "/full/tables?pageSize=1&pageToken=" + next));
        assertThat(second.get("identifiers")).hasSize(1).isNotEqualTo(first.get("identifiers"));
        assertThat(json(web.get(NS + "?pageSize=1&pageToken=")).get("namespaces")).hasSize(1);

        HttpResponse<String> table = web.get(NS + "/full/tables/t");
        String tag = table.headers().firstValue("ETag").orElseThrow();
        HttpResponse<String> again =
                web.send(web.asAdmin(NS + "/full/tables/t").header("If-None-Match", tag).build());
        assertThat(again.statusCode()).isEqualTo(304);
    }

    private static String table(String name) {
        return "{\"name\":\"%s\",\"schema\":%s}".formatted(name, SCHEMA);
    }

    private static String register(String name, String metadata) {
        return "{\"name\":\"%s\",\"metadata-location\":\"%s\"}".formatted(name, metadata);
    }

    private static String rename(String namespace, String name, String toNamespace, String to) {
        return "{\"source\":{\"namespace\":[\"%s\"],\"name\":\"%s\"},\"destination\":{\"namespace\":[\"%s\"],\"name\":\"%s\"}}"
                .formatted(namespace, name, toNamespace, to);
    }

    private String metadata(String table) throws Exception {
        return json(web.get(NS + "/full/tables/" + table)).get("metadata-location").stringValue();
    }

    private void made(String path, String body) throws Exception {
        assertThat(web.post(path, body).statusCode()).isEqualTo(200);
    }

    private void refused(String method, String path, String body, int status, String type)
            throws Exception {
        HttpResponse<String> answer = send(TestWeb.ADMIN, method, path, body);
        assertThat(answer.statusCode())
                .as(method + " " + path + " " + body + " " + answer.body())
                .isEqualTo(status);
        if (!method.equals("HEAD")) {
            JsonNode error = error(answer);
            assertThat(error.get("type").stringValue()).as(path + body).isEqualTo(type);
            assertThat(error.get("code").intValue()).isEqualTo(status);
            assertThat(error.get("message").stringValue()).isNotBlank();
        }
    }

    private HttpResponse<String> send(String bearer, String method, String path, String body)
            throws Exception {
        return web.send(
                HttpRequest.newBuilder(web.at(path))
                        .header("Authorization", "Bearer " + bearer)
                        .header("Content-Type", "application/json")
                        .method(
                                method,
                                body.isEmpty()
                                        ? BodyPublishers.noBody()
                                        : BodyPublishers.ofString(body))
                        .build());
    }

    private static JsonNode error(HttpResponse<String> answer) {
        return json(answer).get("error");
    }

    private static JsonNode json(HttpResponse<String> answer) {
        return tools.jackson.databind.json.JsonMapper.shared().readTree(answer.body());
    }
}
