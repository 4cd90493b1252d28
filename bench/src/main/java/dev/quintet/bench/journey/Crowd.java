package dev.quintet.bench.journey;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Many open sockets of one person. */
final class Crowd implements AutoCloseable {

    private final HttpClient client = HttpClient.newHttpClient();
    private final AtomicInteger told = new AtomicInteger();

    /** Returns when all are in. */
    Crowd(Calls calls, String token, int sockets) throws Exception {
        URI address =
                URI.create(calls.at("/connection/websocket").toString().replace("http", "ws"));
        CompletableFuture.allOf(
                        Stream.generate(() -> enter(address, token))
                                .limit(sockets)
                                .toArray(CompletableFuture<?>[]::new))
                .get(60, TimeUnit.SECONDS);
    }

    private CompletableFuture<Boolean> enter(URI address, String token) {
        Ear ear = new Ear();
        return client.newWebSocketBuilder()
                .buildAsync(address, ear)
                .thenCompose(socket ->
                        socket.sendText(
                                "{\"id\":1,\"connect\":{\"token\":\"" + token + "\"}}", true))
                .thenCompose(sent -> ear.entered);
    }

    private final class Ear implements WebSocket.Listener {
        private final CompletableFuture<Boolean> entered = new CompletableFuture<>();

        @Override
        public @Nullable CompletionStage<?> onText(
                WebSocket socket, CharSequence text, boolean last) {
            entered.complete(true);
            socket.request(1);
            return null;
        }

        @Override
        public @Nullable CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
            told.incrementAndGet();
            return null;
        }
    }

    /** How many were told to go by a close frame, rather than cut off. */
    int told() {
        return told.get();
    }

    @Override
    public void close() {
        client.shutdownNow();
    }
}
