package dev.quintet.platform.http;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.RequestOptions;
import java.net.URI;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/** A client that speaks HTTP/2 from its first byte, as proxies do. */
final class PriorKnowledge implements AutoCloseable {

    record Answer(HttpVersion version, int status, Map<String, String> headers, Buffer content) {

        byte[] body() {
            return content.getBytes();
        }
    }

    private final Vertx vertx = Vertx.vertx();
    private final HttpClientAgent client =
            vertx.createHttpClient(
                    new HttpClientOptions()
                            .setProtocolVersion(HttpVersion.HTTP_2)
                            .setHttp2ClearTextUpgrade(false));

    /** The body goes without a length. */
    Answer send(String method, URI at, Map<String, String> headers, byte[] body) throws Exception {
        RequestOptions options =
                new RequestOptions()
                        .setMethod(HttpMethod.valueOf(method))
                        .setAbsoluteURI(at.toString());
        headers.forEach(options::putHeader);
        return client.request(options)
                .compose(request -> {
                    if (body.length > 0) {
                        request.setChunked(true);
                        var _ = request.write(Buffer.buffer(body));
                    }
                    var _ = request.end();
                    return request.response();
                })
                .compose(response ->
                        response.body()
                                .map(bytes -> {
                                    Map<String, String> fields = new TreeMap<>();
                                    response.headers()
                                            .forEach(field ->
                                                    fields.put(
                                                            field.getKey().toLowerCase(Locale.ROOT),
                                                            field.getValue()));
                                    return new Answer(
                                            response.version(),
                                            response.statusCode(),
                                            fields,
                                            bytes);
                                }))
                .toCompletionStage()
                .toCompletableFuture()
                .get(20, TimeUnit.SECONDS);
    }

    @Override
    public void close() {
        Waiting.on(vertx.close(), Duration.ofSeconds(5));
    }
}
