package dev.quintet.bench.journey;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.quintet.platform.http.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;
import tools.jackson.databind.JsonNode;

/**
 * How the clients ask. A call that breaks, or that the server cannot take now, is made again when
 * the server is ready; a good client survives with one second try.
 */
final class Calls {

    /** What a server that stops or starts may answer; anything else that is no success is wrong. */
    static final Set<Integer> NOT_NOW = Set.of(429, 502, 503, 504);

    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final int TRIES = 50;

    private final URI base;
    private final Watch watch;
    private final HttpClient client =
            HttpClient.newBuilder()
                    .version(HttpClient.Version.HTTP_1_1)
                    .followRedirects(HttpClient.Redirect.NEVER)
                    .connectTimeout(Duration.ofSeconds(5))
                    .build();
    private final List<String> wrong = new CopyOnWriteArrayList<>();
    private final List<String> thirdTries = new CopyOnWriteArrayList<>();

    Calls(URI base, Watch watch) {
        this.base = base;
        this.watch = watch;
    }

    /** One try of something; an IOException says that nobody knows what became of it. */
    interface Try<T> {
        T run() throws IOException, InterruptedException;
    }

    URI at(String path) {
        return base.resolve(path);
    }

    /** What the server did that it must not do. */
    List<String> wrong() {
        return List.copyOf(wrong);
    }

    void wrong(String what) {
        wrong.add(what);
    }

    /** Calls that one second try did not help. */
    List<String> thirdTries() {
        return List.copyOf(thirdTries);
    }

    /** The answer's JSON once the call went through. */
    JsonNode json(
            Tally tally,
            String bearer,
            String method,
            String path,
            String body,
            UnaryOperator<HttpRequest.Builder> more) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(at(path))
                        .timeout(Duration.ofSeconds(30))
                        .method(
                                method,
                                body.isEmpty()
                                        ? BodyPublishers.noBody()
                                        : BodyPublishers.ofString(body));
        if (!bearer.isEmpty()) {
            request.header("Authorization", "Bearer " + bearer);
        }
        if (!body.isEmpty()) {
            request.header("Content-Type", "application/json");
        }
        return json(tally, more.apply(request).build());
    }

    /** Until it succeeds; null when the answer has no body. */
    JsonNode json(Tally tally, HttpRequest request) {
        String body = send(tally, request).body();
        JsonNode answer = Json.tree((body.isEmpty() ? "null" : body).getBytes(UTF_8));
        watch.answered(answer);
        return answer;
    }

    JsonNode json(Tally tally, String bearer, String method, String path, String body) {
        return json(tally, bearer, method, path, body, request -> request);
    }

    /** Until it succeeds; a refusal for good is wrong, and ends the journey. */
    private HttpResponse<String> send(Tally tally, HttpRequest request) {
        HttpResponse<String> response =
                untilAnswered(
                        tally,
                        request.method() + " " + request.uri().getPath(),
                        () -> {
                            HttpResponse<String> one =
                                    client.send(request, BodyHandlers.ofString());
                            if (NOT_NOW.contains(one.statusCode())) {
                                throw new IOException("not now: " + one.statusCode());
                            }
                            return one;
                        });
        if (response.statusCode() >= 400) {
            String what =
                    "%s %s was refused with %d: %s"
                            .formatted(
                                    request.method(),
                                    request.uri().getPath(),
                                    response.statusCode(),
                                    response.body());
            wrong(tally.system() + ": " + what);
            throw new IllegalStateException(what);
        }
        return response;
    }

    byte[] bytes(HttpRequest request) throws IOException, InterruptedException {
        HttpResponse<byte[]> response = client.send(request, BodyHandlers.ofByteArray());
        return response.statusCode() == 200 ? response.body() : new byte[0];
    }

    /** Tries until there is an answer, each time only when the server says that it is ready. */
    <T> T untilAnswered(Tally tally, String what, Try<T> call) {
        for (int attempt = 1; ; attempt++) {
            tally.begin();
            try {
                return call.run();
            } catch (IOException unknown) {
                tally.breaks();
                if (attempt == 2) {
                    thirdTries.add(tally.system() + " " + what + ": " + unknown);
                }
                if (attempt == TRIES) {
                    throw new UncheckedIOException(what, unknown);
                }
            } catch (InterruptedException nobodyInterrupts) {
                throw new IllegalStateException(nobodyInterrupts);
            } finally {
                tally.end();
            }
            until("the server is ready", this::isReady);
        }
    }

    boolean isReady() {
        try {
            HttpRequest request =
                    HttpRequest.newBuilder(at("/health/ready"))
                            .timeout(Duration.ofSeconds(5))
                            .build();
            return client.send(request, BodyHandlers.discarding()).statusCode() == 200;
        } catch (IOException notYet) {
            return false;
        } catch (InterruptedException nobodyInterrupts) {
            throw new IllegalStateException(nobodyInterrupts);
        }
    }

    /** Looks every few milliseconds, for two minutes. */
    static boolean happened(BooleanSupplier what) {
        long giveUp = System.nanoTime() + PATIENCE.toNanos();
        while (!what.getAsBoolean()) {
            if (System.nanoTime() > giveUp) {
                return false;
            }
            LockSupport.parkNanos(20_000_000);
        }
        return true;
    }

    static void until(String what, BooleanSupplier happened) {
        if (!happened(happened)) {
            throw new IllegalStateException("in two minutes never: " + what);
        }
    }
}
