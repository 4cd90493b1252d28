package dev.quintet.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quintet.platform.SecretWatch;
import dev.quintet.platform.http.Json;
import dev.quintet.platform.http.Witness;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/** The whole server in this JVM on free ports, with its API at hand and the run's witness. */
record LiveServer(Quintet quintet, String adminKey, Path data) implements AutoCloseable {

    static final String PASSWORD = SecretWatch.made("correct horse battery staple");

    private static final HttpClient CLIENT =
            HttpClient.newBuilder().followRedirects(HttpClient.Redirect.NEVER).build();

    static LiveServer start(Path data, Map<String, String> environment) throws Exception {
        return start(data, environment, 0, 0);
    }

    /** After it was closed: at the same doors, over the same directory. */
    LiveServer startAgain(Map<String, String> environment) throws Exception {
        int s3 = quintet.s3Address().orElseThrow().getPort();
        return start(data, environment, quintet.address().getPort(), s3);
    }

    private static LiveServer start(
            Path data, Map<String, String> environment, int port, int s3Port) throws Exception {
        String user = System.getProperty("user.name");
        Path home = Path.of(System.getProperty("java.io.tmpdir"), "quintet-journey-" + user);
        System.setProperty("quintet.home", home.toString());
        QuintetConfig config =
                QuintetConfig.load(
                        Optional.empty(),
                        environment,
                        Map.of(
                                "http.port",
                                "" + port,
                                "files.s3.port",
                                "" + s3Port,
                                "http.host",
                                "127.0.0.1"));
        Quintet quintet = Quintet.start(config, data, Set.of(Systems.values()), Witness.ofTheRun());
        String key = Files.readString(data.resolve("admin.key")).strip();
        return new LiveServer(quintet, SecretWatch.made(key), data);
    }

    /** Its public address, which is its issuer too. */
    String url() {
        return "http://127.0.0.1:" + quintet.address().getPort();
    }

    URI at(String path) {
        return quintet.address().resolve(path);
    }

    JsonNode ask(String bearer, String method, String path, String json, int status)
            throws Exception {
        return answered("Bearer " + bearer, method, path, json, status);
    }

    /** As a Segment client sends one event. */
    void track(String writeKey, String event) throws Exception {
        segment(writeKey, "/v1/track", json(Map.of("event", event, "anonymousId", "a1")), 200);
    }

    JsonNode segment(String writeKey, String path, String json, int status) throws Exception {
        byte[] credentials = (writeKey + ":").getBytes(StandardCharsets.UTF_8);
        String basic = "Basic " + Base64.getEncoder().encodeToString(credentials);
        return answered(basic, "POST", path, json, status);
    }

    private JsonNode answered(
            String authorization, String method, String path, String json, int status)
            throws Exception {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(at(path)).header("Authorization", authorization);
        request.method(
                method, json.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(json));
        if (!json.isEmpty()) {
            request.header("Content-Type", "application/json");
        }
        HttpResponse<String> response = CLIENT.send(request.build(), BodyHandlers.ofString());
        assertThat(response.statusCode())
                .as(method + " " + path + ": " + response.body())
                .isEqualTo(status);
        return Json.tree(
                (response.body().isEmpty() ? "null" : response.body())
                        .getBytes(StandardCharsets.UTF_8));
    }

    JsonNode admin(String method, String path, String json, int status) throws Exception {
        return ask(adminKey, method, path, json, status);
    }

    /**
     * Makes a user with {@link #PASSWORD} and returns the id; no scopes are a user's usual ones.
     */
    String user(String name, String email, String... scopes) throws Exception {
        Map<String, Object> user =
                scopes.length == 0
                        ? Map.of("name", name, "email", email, "password", PASSWORD)
                        : Map.of(
                                "name",
                                name,
                                "email",
                                email,
                                "password",
                                PASSWORD,
                                "scopes",
                                scopes);
        return admin("POST", "/api/v1/users", json(user), 201).get("id").asString();
    }

    /** A key with all rights over another organisation, which is made for it. */
    String keyOfAnotherOrganisation() throws Exception {
        String organisation =
                admin("POST", "/api/v1/organisations", "{\"name\":\"other\"}", 201)
                        .get("id")
                        .asString();
        Map<String, Object> wanted =
                Map.of("name", "theirs", "scopes", List.of("admin"), "organisation", organisation);
        return admin("POST", "/api/v1/keys", json(wanted), 201).get("key").asString();
    }

    String token(String user) throws Exception {
        return admin("POST", "/api/v1/users/" + user + "/tokens", "{}", 201)
                .get("access_token")
                .asString();
    }

    static String json(Object value) {
        return new String(Json.write(value), StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        quintet.close();
        SecretWatch.search(data);
    }
}
