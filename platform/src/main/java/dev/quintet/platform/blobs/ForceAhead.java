package dev.quintet.platform.blobs;

import dev.quintet.platform.disk.OpenFile;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.LongConsumer;

/**
 * Forces a file in stretches, each while the next is received and written, so that neither the disk
 * nor the socket waits for the other. One force is under way at most. For one thread.
 */
final class ForceAhead implements AutoCloseable {

    private record Forcing(long end, FutureTask<Boolean> task) {}

    private final OpenFile file;
    private final int stretch;
    private final LongConsumer forced;
    private Optional<Forcing> forcing = Optional.empty();
    private long begun;

    /**
     * @param from how far the file is forced already
     * @param forced told, on this thread, how far the file is durable
     */
    ForceAhead(OpenFile file, long from, int stretch, LongConsumer forced) {
        this.file = file;
        this.stretch = stretch;
        this.forced = forced;
        this.begun = from;
    }

    /** The file is written up to here. */
    void wrote(long end) {
        if (forcing.isPresent() && forcing.get().task().isDone()) {
            settle();
        }
        if (end - begun >= stretch) {
            settle();
            begin(end);
        }
    }

    /** The file is written up to here and not further; returns when all of it is durable. */
    void finish(long end) {
        settle();
        if (end > begun) {
            file.force();
            begun = end;
            forced.accept(end);
        }
    }

    private void begin(long end) {
        FutureTask<Boolean> task = new FutureTask<>(file::force, true);
        Thread.ofVirtual().name("force-ahead").start(task);
        forcing = Optional.of(new Forcing(end, task));
        begun = end;
    }

    private void settle() {
        if (forcing.isPresent()) {
            Forcing done = forcing.get();
            forcing = Optional.empty();
            await(done.task());
            forced.accept(done.end());
        }
    }

    private static void await(FutureTask<Boolean> task) {
        try {
            task.get();
        } catch (ExecutionException failure) {
            if (failure.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new IllegalStateException(failure.getCause());
        } catch (InterruptedException e) {
            throw new IllegalStateException("request threads are never interrupted", e);
        }
    }

    /** Leaves the file to be closed: nothing of ours uses it any more. */
    @Override
    public void close() {
        forcing.ifPresent(last -> {
            try {
                await(last.task());
            } catch (RuntimeException failed) {
                // Whoever closes without finishing has met a failure already.
                forcing = Optional.empty();
            }
        });
    }
}
