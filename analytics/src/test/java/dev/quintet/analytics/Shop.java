package dev.quintet.analytics;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.segment.analytics.Analytics;
import com.segment.analytics.Callback;
import com.segment.analytics.messages.Message;
import com.segment.analytics.messages.TrackMessage;
import dev.quintet.platform.Await;
import dev.quintet.platform.http.Json;
import dev.quintet.platform.http.TestWeb;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import tools.jackson.databind.JsonNode;

/** A customer of one server: the stock Segment client, and our API by plain HTTP. */
final class Shop implements ClientList.Api, AutoCloseable {

    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    private final URI base;
    private final String writeKey;
    private final ClientList list;
    private final AtomicInteger acknowledged = new AtomicInteger();
    private final List<Throwable> failures = new CopyOnWriteArrayList<>();
    private final Analytics segment;

    Shop(URI base, String writeKey, ClientList list) {
        this.base = base;
        this.writeKey = writeKey;
        this.list = list;
        this.segment =
                Analytics.builder(writeKey)
                        .endpoint(base.toString())
                        .flushQueueSize(250)
                        .flushInterval(1, TimeUnit.SECONDS)
                        .callback(
                                new Callback() {
                                    @Override
                                    public void success(Message message) {
                                        acknowledged.incrementAndGet();
                                    }

                                    @Override
                                    public void failure(Message message, Throwable throwable) {
                                        failures.add(throwable);
                                    }
                                })
                        .build();
    }

    /** By the stock client; returns when all are acknowledged. */
    void tracks(int from, int to) {
        int before = acknowledged.get();
        for (int number = from; number < to; number++) {
            segment.enqueue(TrackMessage.builder("E").userId("u").messageId(ClientList.id(number)));
        }
        segment.flush();
        Await.until(
                "all are acknowledged",
                () -> acknowledged.get() == before + to - from || !failures.isEmpty());
        assertThat(failures).isEmpty();
        list.tracked(from, to);
    }

    /** A batch with one item that is no event, which the stock client would not send. */
    void sendsWithOneBad(int from, int to) throws Exception {
        String encoded = Base64.getEncoder().encodeToString((writeKey + ":").getBytes(UTF_8));
        HttpResponse<String> answer =
                CLIENT.send(
                        HttpRequest.newBuilder(base.resolve("/v1/batch"))
                                .header("Authorization", "Basic " + encoded)
                                .POST(BodyPublishers.ofByteArray(ClientList.batch(from, to)))
                                .build(),
                        BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        list.taken(from, to);
    }

    @Override
    public long number(String sql) {
        String body = new String(Json.write(Map.of("sql", sql)), UTF_8);
        JsonNode answer =
                asked(
                        operator("/api/v1/analytics/query")
                                .header("Content-Type", "application/json")
                                .POST(BodyPublishers.ofString(body)));
        return answer.get("rows").get(0).get(0).longValue();
    }

    @Override
    public Balance ledger() {
        JsonNode ledger = asked(operator("/api/v1/analytics/ledger"));
        return new Balance(
                ledger.get("received").longValue(),
                ledger.get("stored").longValue(),
                ledger.get("duplicate").longValue(),
                ledger.get("rejected").longValue(),
                ledger.get("pending").longValue(),
                List.of());
    }

    private HttpRequest.Builder operator(String path) {
        return HttpRequest.newBuilder(base.resolve(path))
                .header("Authorization", "Bearer " + TestWeb.ADMIN);
    }

    private static JsonNode asked(HttpRequest.Builder request) {
        try {
            HttpResponse<String> answer = CLIENT.send(request.build(), BodyHandlers.ofString());
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
            return Json.tree(answer.body().getBytes(UTF_8));
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        } catch (InterruptedException nobodyInterrupts) {
            throw new IllegalStateException(nobodyInterrupts);
        }
    }

    @Override
    public void close() {
        segment.shutdown();
    }
}
