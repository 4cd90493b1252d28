package dev.quintet.server;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.quintet.platform.http.Json;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import tools.jackson.databind.JsonNode;

/**
 * The load of the launcher's training run, which leaves the cache for a fast start: what requests
 * do often is done often, in all five systems, so that a later start compiles it at once. The main
 * class of a process of its own: the cache is to know the server, and not its client.
 */
final class TrainingLoad {

    private static final int CLIENTS = 4;
    private static final int EVENTS = 50;

    // By one client: a query starts a process.
    private static final int QUERY_EVERY = 100;
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final URI server;
    private final String adminKey;

    private TrainingLoad(URI server, String adminKey) {
        this.server = server;
        this.adminKey = adminKey;
    }

    /** Arguments: the server's address, its data directory, for how many seconds. */
    public static void main(String[] arguments) throws Exception {
        run(
                URI.create(arguments[0]),
                Files.readString(Path.of(arguments[1], "admin.key")).strip(),
                Duration.ofSeconds(Long.parseLong(arguments[2])));
    }

    /** How many turns there were. */
    static int run(URI server, String adminKey, Duration time)
            throws IOException, InterruptedException, ExecutionException {
        TrainingLoad load = new TrainingLoad(server, adminKey);
        List<Future<Integer>> clients = new ArrayList<>();
        try (load.http;
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Stage stage = load.stage();
            long end = System.nanoTime() + time.toNanos();
            for (int number = 0; number < CLIENTS; number++) {
                int client = number;
                clients.add(threads.submit(() -> load.turns(stage, client, end)));
            }
        }
        int turns = 0;
        for (Future<Integer> client : clients) {
            turns += client.get();
        }
        return turns;
    }

    /**
     * @param form what the client of a machine sends for a token
     */
    private record Stage(String user, String token, String form, String room, String writeKey) {}

    private Stage stage() throws IOException, InterruptedException {
        String user =
                made("/api/v1/users", "{\"email\":\"ada@example.com\",\"name\":\"Ada\"}", "id");
        JsonNode tokens = ask(adminKey, "POST", "/api/v1/users/" + user + "/tokens", "{}");
        String token = tokens.get("access_token").stringValue();
        JsonNode machine =
                ask(
                        adminKey,
                        "POST",
                        "/api/v1/clients",
                        "{\"name\":\"machine\",\"redirectUris\":[],\"grantTypes\":[\"client_credentials\"],\"public\":false,\"scopes\":[]}");
        String form =
                "grant_type=client_credentials&client_id="
                        + encoded(machine, "clientId")
                        + "&client_secret="
                        + encoded(machine, "clientSecret");
        JsonNode room =
                ask(
                        token,
                        "POST",
                        "/api/v1/chat/rooms",
                        "{\"kind\":\"group\",\"name\":\"all\",\"members\":[]}");
        String writeKey = made("/api/v1/analytics/sources", "{\"name\":\"shop\"}", "writeKey");
        return new Stage(user, token, form, room.get("id").stringValue(), writeKey);
    }

    private String made(String path, String json, String field)
            throws IOException, InterruptedException {
        return ask(adminKey, "POST", path, json).get(field).stringValue();
    }

    private static String encoded(JsonNode from, String field) {
        return URLEncoder.encode(from.get(field).stringValue(), UTF_8);
    }

    private int turns(Stage stage, int client, long end)
            throws IOException, InterruptedException, ExecutionException {
        int turn = 0;
        try (Talk talk = new Talk(http, server, stage.token)) {
            do {
                String name = client + "-" + turn;
                auth(stage);
                talk.ask(
                        "\"rpc\":{\"method\":\"message.send\",\"data\":{\"room\":\"%s\",\"clientId\":\"%s\",\"text\":\"hello\"}}"
                                .formatted(stage.room, name));
                ask(
                        stage.token,
                        "GET",
                        "/api/v1/chat/rooms/" + stage.room + "/messages?limit=20",
                        "");
                ask(
                        adminKey,
                        "POST",
                        "/api/v1/notifications",
                        "{\"to\":[{\"user\":\"%s\"}],\"content\":{\"title\":\"An order\",\"body\":\"was paid\"}}"
                                .formatted(stage.user));
                ask(stage.token, "GET", "/api/v1/inbox?limit=20", "");
                file(stage);
                events(stage, name);
                if (turn++ % QUERY_EVERY == 0 && client == 0) {
                    ask(
                            adminKey,
                            "POST",
                            "/api/v1/analytics/query",
                            "{\"sql\":\"select event, count(*) from events group by all\"}");
                }
            } while (System.nanoTime() < end);
        }
        return turn;
    }

    private void auth(Stage stage) throws IOException, InterruptedException {
        send(
                request("/oauth2/token")
                        .header("Content-Type", "application/x-www-form-urlencoded")
                        .POST(BodyPublishers.ofString(stage.form)));
        send(request("/.well-known/openid-configuration").GET());
        ask(adminKey, "GET", "/api/v1/users?limit=20", "");
    }

    /** A small file by tus, in one request, and back. */
    private void file(Stage stage) throws IOException, InterruptedException {
        HttpResponse<String> stored =
                send(
                        signed(stage.token, "/files")
                                .header("Tus-Resumable", "1.0.0")
                                .header("Upload-Length", "4096")
                                .header("Content-Type", "application/offset+octet-stream")
                                .POST(BodyPublishers.ofByteArray(new byte[4096])));
        String location = stored.headers().firstValue("Location").orElseThrow();
        ask(stage.token, "GET", server.resolve(location).getPath(), "");
    }

    private void events(Stage stage, String name) throws IOException, InterruptedException {
        String batch =
                IntStream.range(0, EVENTS)
                        .mapToObj(event ->
                                "{\"type\":\"track\",\"event\":\"product viewed\",\"messageId\":\"%s-%d\",\"userId\":\"u-%d\",\"timestamp\":\"2026-01-31T12:00:00.000Z\",\"properties\":{\"sku\":\"A-17\",\"price\":19.95},\"context\":{\"locale\":\"de-DE\",\"page\":{\"url\":\"https://shop.example/a-17\"}}}"
                                        .formatted(name, event, event))
                        .collect(
                                Collectors.joining(
                                        ",",
                                        "{\"writeKey\":\"" + stage.writeKey + "\",\"batch\":[",
                                        "]}"));
        send(
                request("/v1/batch")
                        .header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofString(batch)));
    }

    private JsonNode ask(String credential, String method, String path, String json)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = signed(credential, path);
        if (!json.isEmpty()) {
            request.header("Content-Type", "application/json");
        }
        HttpResponse<String> answer =
                send(
                        request.method(
                                method,
                                json.isEmpty()
                                        ? BodyPublishers.noBody()
                                        : BodyPublishers.ofString(json)));
        boolean isJson =
                answer.headers()
                        .firstValue("Content-Type")
                        .orElse("")
                        .startsWith("application/json");
        return Json.tree((isJson ? answer.body() : "{}").getBytes(UTF_8));
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(server.resolve(path)).timeout(PATIENCE);
    }

    private HttpRequest.Builder signed(String credential, String path) {
        return request(path).header("Authorization", "Bearer " + credential);
    }

    private HttpResponse<String> send(HttpRequest.Builder request)
            throws IOException, InterruptedException {
        HttpRequest built = request.build();
        HttpResponse<String> answer = http.send(built, BodyHandlers.ofString());
        if (answer.statusCode() >= 300) {
            throw new IllegalStateException(
                    built.method()
                            + " "
                            + built.uri()
                            + ": "
                            + answer.statusCode()
                            + " "
                            + answer.body());
        }
        return answer;
    }

    /** A socket of the Centrifugo protocol (JSON) with one command in flight. */
    private static final class Talk implements WebSocket.Listener, AutoCloseable {

        private final LinkedBlockingQueue<String> replies = new LinkedBlockingQueue<>();
        private final StringBuilder part = new StringBuilder();
        private final WebSocket socket;
        private int id;

        Talk(HttpClient http, URI server, String token)
                throws InterruptedException, ExecutionException {
            URI door =
                    URI.create(server.toString().replaceFirst("http", "ws"))
                            .resolve("/connection/websocket");
            this.socket = http.newWebSocketBuilder().buildAsync(door, this).get();
            ask("\"connect\":{\"token\":\"" + token + "\"}");
        }

        void ask(String command) throws InterruptedException, ExecutionException {
            String begin = "{\"id\":" + ++id + ",";
            socket.sendText(begin + command + "}", true).get();
            String reply;
            do {
                reply = replies.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
                if (reply == null || reply.contains("\"error\":")) {
                    throw new IllegalStateException(command + ": " + reply);
                }
            } while (!reply.startsWith(begin));
        }

        @Override
        public CompletionStage<?> onText(WebSocket from, CharSequence text, boolean last) {
            part.append(text);
            if (last) {
                replies.addAll(List.of(part.toString().split("\n", -1)));
                part.setLength(0);
            }
            from.request(1);
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public void close() {
            socket.abort();
        }
    }
}
