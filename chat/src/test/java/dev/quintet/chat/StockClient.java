package dev.quintet.chat;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.quintet.platform.Await;
import dev.quintet.platform.http.Json;
import io.github.centrifugal.centrifuge.Client;
import io.github.centrifugal.centrifuge.ClientState;
import io.github.centrifugal.centrifuge.ConnectedEvent;
import io.github.centrifugal.centrifuge.ConnectingEvent;
import io.github.centrifugal.centrifuge.DisconnectedEvent;
import io.github.centrifugal.centrifuge.ErrorEvent;
import io.github.centrifugal.centrifuge.EventListener;
import io.github.centrifugal.centrifuge.HistoryOptions;
import io.github.centrifugal.centrifuge.HistoryResult;
import io.github.centrifugal.centrifuge.Options;
import io.github.centrifugal.centrifuge.ResultCallback;
import io.github.centrifugal.centrifuge.ServerPublicationEvent;
import io.github.centrifugal.centrifuge.ServerSubscribedEvent;
import io.github.centrifugal.centrifuge.ServerUnsubscribedEvent;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;

/** The stock centrifuge-java client, unmodified, with what it told us. */
final class StockClient extends EventListener implements AutoCloseable {

    /** A publication as the client got it. */
    record Got(String channel, long offset, JsonNode data) {}

    final Client client;
    final List<Got> got = new CopyOnWriteArrayList<>();
    final List<ServerSubscribedEvent> subscribed = new CopyOnWriteArrayList<>();
    final List<String> unsubscribed = new CopyOnWriteArrayList<>();
    final List<Integer> left = new CopyOnWriteArrayList<>();
    final List<Throwable> errors = new CopyOnWriteArrayList<>();

    StockClient(String address, String token) {
        this(address, options -> options.setToken(token));
    }

    StockClient(String address, Consumer<Options> more) {
        Options options = new Options();
        options.setMinReconnectDelay(20);
        options.setMaxReconnectDelay(100);
        more.accept(options);
        client = new Client(address, options, this);
    }

    StockClient connect() {
        client.connect();
        Await.until("connected", this::connected);
        return this;
    }

    boolean connected() {
        return client.getState() == ClientState.CONNECTED;
    }

    JsonNode send(UUID room, String clientId, String text) {
        return rpc(
                "message.send",
                """
                {"room":"%s","clientId":"%s","text":"%s"}
                """
                        .formatted(Room.ID.show(room), clientId, text));
    }

    JsonNode rpc(String method, String json) {
        return answer(callback ->
                client.rpc(
                        method,
                        json.getBytes(UTF_8),
                        (failure, result) ->
                                callback.onDone(
                                        failure,
                                        failure == null ? Json.tree(result.getData()) : null)));
    }

    HistoryResult history(UUID room, HistoryOptions options) {
        return answer(callback -> client.history(Room.channel(room), options, callback));
    }

    private static <T> T answer(Consumer<ResultCallback<T>> call) {
        CompletableFuture<T> answer = new CompletableFuture<>();
        call.accept((failure, result) -> {
            if (failure == null) {
                answer.complete(result);
            } else {
                answer.completeExceptionally(failure);
            }
        });
        try {
            return answer.get(20, TimeUnit.SECONDS);
        } catch (java.util.concurrent.ExecutionException failed) {
            throw new IllegalStateException(failed.getCause());
        } catch (InterruptedException | java.util.concurrent.TimeoutException late) {
            throw new AssertionError(late);
        }
    }

    List<Long> offsets(UUID room) {
        return got.stream()
                .filter(one -> one.channel().equals(Room.channel(room)))
                .map(Got::offset)
                .toList();
    }

    @Override
    public void onConnected(Client same, ConnectedEvent event) {}

    @Override
    public void onConnecting(Client same, ConnectingEvent event) {
        left.add(event.getCode());
    }

    @Override
    public void onDisconnected(Client same, DisconnectedEvent event) {
        left.add(event.getCode());
    }

    @Override
    public void onError(Client same, ErrorEvent event) {
        errors.add(event.getError());
    }

    @Override
    public void onSubscribed(Client same, ServerSubscribedEvent event) {
        subscribed.add(event);
    }

    @Override
    public void onUnsubscribed(Client same, ServerUnsubscribedEvent event) {
        unsubscribed.add(event.getChannel());
    }

    @Override
    public void onPublication(Client same, ServerPublicationEvent event) {
        got.add(new Got(event.getChannel(), event.getOffset(), Json.tree(event.getData())));
    }

    @Override
    public void close() {
        try {
            client.close(2000);
        } catch (InterruptedException nobodyInterrupts) {
            throw new AssertionError(nobodyInterrupts);
        }
    }
}
