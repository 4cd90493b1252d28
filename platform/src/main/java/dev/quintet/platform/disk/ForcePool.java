package dev.quintet.platform.disk;

import dev.quintet.platform.PlatformRefusal;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The platform threads on which files are forced: a force inside a virtual thread would hold its
 * carrier, and there are as many carriers as cores. A platform thread forces in place.
 */
final class ForcePool implements AutoCloseable {

    private static final int WAITING = 4_096;
    private final ThreadPoolExecutor threads;

    ForcePool(int size) {
        threads =
                new ThreadPoolExecutor(
                        size,
                        size,
                        30,
                        TimeUnit.SECONDS,
                        new ArrayBlockingQueue<>(WAITING),
                        Thread.ofPlatform().name("disk-force-", 1).daemon().factory());
        threads.allowCoreThreadTimeOut(true);
    }

    void force(Path path, FileChannel channel, boolean metadata) {
        if (!Thread.currentThread().isVirtual()) {
            forceHere(path, channel, metadata);
            return;
        }
        try {
            CompletableFuture.runAsync(() -> forceHere(path, channel, metadata), threads).join();
        } catch (RejectedExecutionException full) {
            throw PlatformRefusal.BUSY.because("the disk").retryAfter(Duration.ofSeconds(1));
        } catch (CompletionException failure) {
            if (failure.getCause() instanceof DiskFailed failed) {
                throw failed;
            }
            throw failure;
        }
    }

    private static void forceHere(Path path, FileChannel channel, boolean metadata) {
        try {
            channel.force(metadata);
        } catch (IOException failure) {
            throw new DiskFailed("force", path, failure);
        }
    }

    @Override
    public void close() {
        threads.shutdown();
    }
}
