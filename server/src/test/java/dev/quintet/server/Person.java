package dev.quintet.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.quintet.auth.SpringApp;
import dev.quintet.platform.Await;
import dev.quintet.platform.SecretWatch;
import dev.quintet.platform.http.Json;
import io.github.centrifugal.centrifuge.Client;
import io.github.centrifugal.centrifuge.ClientState;
import io.github.centrifugal.centrifuge.ConnectionTokenEvent;
import io.github.centrifugal.centrifuge.ConnectionTokenGetter;
import io.github.centrifugal.centrifuge.ErrorEvent;
import io.github.centrifugal.centrifuge.EventListener;
import io.github.centrifugal.centrifuge.Options;
import io.github.centrifugal.centrifuge.ServerPublicationEvent;
import io.github.centrifugal.centrifuge.TokenCallback;
import io.tus.java.client.TusClient;
import io.tus.java.client.TusUpload;
import io.tus.java.client.TusUploader;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URL;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.springframework.security.oauth2.client.authentication.OAuth2LoginAuthenticationToken;
import org.springframework.security.oauth2.core.OAuth2AccessToken;
import org.springframework.security.oauth2.core.OAuth2RefreshToken;
import org.springframework.security.oauth2.core.endpoint.OAuth2AccessTokenResponse;
import tools.jackson.databind.JsonNode;

/**
 * Somebody who signed in to the product and uses it by third-party clients: Spring Security for the
 * session, centrifuge-java for chat, tus-java-client for uploads.
 */
final class Person implements AutoCloseable {

    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    /** A message as it came live or by recovery. */
    record Heard(long number, String text) {}

    private final LiveServer server;
    private final SpringApp app;
    private final String id;
    private final String email;
    private final List<Heard> heard = new CopyOnWriteArrayList<>();
    private final Client chat;
    private OAuth2AccessToken access;
    private OAuth2RefreshToken refresh;

    /** Through the hosted login page. */
    static Person signsIn(LiveServer server, SpringApp app, String id, String email) {
        OAuth2LoginAuthenticationToken session = app.signIn(email, LiveServer.PASSWORD);
        assertThat(requireNonNull(session.getPrincipal()).getName()).isEqualTo(id);
        return new Person(
                server,
                app,
                id,
                email,
                requireNonNull(session.getAccessToken()),
                requireNonNull(session.getRefreshToken()));
    }

    private Person(
            LiveServer server,
            SpringApp app,
            String id,
            String email,
            OAuth2AccessToken access,
            OAuth2RefreshToken refresh) {
        this.server = server;
        this.app = app;
        this.id = id;
        this.email = email;
        this.access = access;
        this.refresh = refresh;
        SecretWatch.made(access.getTokenValue());
        SecretWatch.made(refresh.getTokenValue());
        Options options = new Options();
        options.setToken(access.getTokenValue());
        options.setTokenGetter(
                new ConnectionTokenGetter() {
                    @Override
                    public void getConnectionToken(
                            ConnectionTokenEvent event, TokenCallback callback) {
                        callback.Done(null, token());
                    }
                });
        options.setMinReconnectDelay(20);
        options.setMaxReconnectDelay(200);
        String address = server.at("/connection/websocket").toString().replace("http", "ws");
        this.chat = new Client(address, options, new Ear());
    }

    String id() {
        return id;
    }

    String email() {
        return email;
    }

    String token() {
        return access.getTokenValue();
    }

    // --- auth

    /** As Spring does it when the access token is old. */
    void refreshes() {
        OAuth2AccessTokenResponse tokens = app.refresh(access, refresh);
        access = tokens.getAccessToken();
        refresh = requireNonNull(tokens.getRefreshToken());
        SecretWatch.made(access.getTokenValue());
        SecretWatch.made(refresh.getTokenValue());
    }

    // --- chat

    Person opensTheChat() {
        chat.connect();
        Await.until(email + " is connected", this::isConnected);
        return this;
    }

    boolean isConnected() {
        return chat.getState() == ClientState.CONNECTED;
    }

    /** Returns the room's id. */
    String opensRoomWith(Person... others) {
        List<String> members = Stream.of(others).map(Person::id).toList();
        return rpc("room.create", Map.of("kind", "group", "name", "tea", "members", members))
                .get("id")
                .asString();
    }

    /** Returns the message's number. */
    long says(String room, String text, Person... mentioned) {
        List<String> mentions = Stream.of(mentioned).map(Person::id).toList();
        return rpc(
                        "message.send",
                        Map.of("room", room, "clientId", text, "text", text, "mentions", mentions))
                .get("seq")
                .asLong();
    }

    private JsonNode rpc(String method, Map<String, ?> parameters) {
        CompletableFuture<JsonNode> answer = new CompletableFuture<>();
        chat.rpc(
                method,
                Json.write(parameters),
                (failure, result) -> {
                    if (failure == null) {
                        answer.complete(Json.tree(result.getData()));
                    } else {
                        answer.completeExceptionally(failure);
                    }
                });
        return answer.orTimeout(20, TimeUnit.SECONDS).join();
    }

    List<Heard> heard() {
        return List.copyOf(heard);
    }

    private final class Ear extends EventListener {
        @Override
        public void onPublication(Client client, ServerPublicationEvent event) {
            heard.add(
                    new Heard(
                            event.getOffset(),
                            Json.tree(event.getData()).get("text").asString("")));
        }

        @Override
        public void onError(Client client, ErrorEvent event) {
            System.out.println("the chat of " + email + ": " + event.getError());
        }
    }

    // --- files

    /** In two sittings, as a client does whose network broke in between; returns the file's id. */
    String uploads(String name, byte[] bytes) throws Exception {
        TusClient tus = new TusClient();
        tus.setUploadCreationURL(server.at("/files").toURL());
        tus.setHeaders(Map.of("Authorization", "Bearer " + token()));
        TusUploader first = tus.createUpload(upload(name, bytes));
        URL url = first.getUploadURL();
        first.setChunkSize(64 * 1024);
        first.setRequestPayloadSize(64 * 1024);
        first.uploadChunk();
        first.finish(true);
        TusUploader rest = tus.beginOrResumeUploadFromURL(upload(name, bytes), url);
        assertThat(rest.getOffset()).isEqualTo(64 * 1024);
        while (rest.uploadChunk() > -1) {
            // until all is sent
        }
        rest.finish(true);
        return url.getPath().substring(url.getPath().lastIndexOf('/') + 1);
    }

    private static TusUpload upload(String name, byte[] bytes) {
        TusUpload upload = new TusUpload();
        upload.setInputStream(new ByteArrayInputStream(bytes));
        upload.setSize(bytes.length);
        upload.setMetadata(Map.of("filename", name));
        return upload;
    }

    // --- notify

    List<String> inbox() {
        return ask("GET", "/api/v1/inbox", "", 200)
                .get("items")
                .valueStream()
                .map(entry -> entry.get("body").asString())
                .toList();
    }

    /** Opens the inbox's event stream; the future is its next entry. */
    CompletableFuture<JsonNode> awaitsAnEntry() throws Exception {
        HttpResponse<InputStream> stream =
                CLIENT.send(
                        HttpRequest.newBuilder(server.at("/api/v1/inbox/stream"))
                                .header("Authorization", "Bearer " + token())
                                .build(),
                        BodyHandlers.ofInputStream());
        assertThat(stream.statusCode()).isEqualTo(200);
        var lines = new BufferedReader(new InputStreamReader(stream.body(), UTF_8));
        assertThat(lines.readLine()).as("it is open").isEqualTo(": connected");
        return CompletableFuture.supplyAsync(() -> firstEntry(lines))
                .orTimeout(20, TimeUnit.SECONDS);
    }

    private static JsonNode firstEntry(BufferedReader stream) {
        try (stream) {
            String line = stream.readLine();
            while (!line.startsWith("data: ")) {
                line = stream.readLine();
            }
            return Json.tree(line.substring(6).getBytes(UTF_8));
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        }
    }

    /** By our API, in this person's own name. */
    JsonNode ask(String method, String path, String json, int status) {
        try {
            return server.ask(token(), method, path, json, status);
        } catch (Exception failed) {
            throw new IllegalStateException(failed);
        }
    }

    @Override
    public void close() {
        try {
            chat.close(2000);
        } catch (InterruptedException nobodyInterrupts) {
            throw new IllegalStateException(nobodyInterrupts);
        }
    }
}
