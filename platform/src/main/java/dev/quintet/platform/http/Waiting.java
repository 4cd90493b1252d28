package dev.quintet.platform.http;

import io.vertx.core.Future;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Blocks a virtual thread on what an event loop does. */
final class Waiting {

    private Waiting() {}

    /** The loop's result; a failure or the end of the time is a broken connection. */
    static <T> T forIo(Future<T> future, Duration limit) throws IOException {
        try {
            return future.toCompletionStage()
                    .toCompletableFuture()
                    .get(limit.toNanos(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException e) {
            throw new IOException("the connection broke", e.getCause());
        } catch (TimeoutException e) {
            throw new IOException("the client took nothing for " + limit, e);
        } catch (InterruptedException e) {
            throw new IllegalStateException("request threads are never interrupted", e);
        }
    }

    static <T> T on(Future<T> future, Duration limit) {
        try {
            return forIo(future, limit);
        } catch (IOException e) {
            throw new IllegalStateException("the engine did not answer within " + limit, e);
        }
    }
}
