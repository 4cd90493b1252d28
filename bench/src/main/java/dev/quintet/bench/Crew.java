package dev.quintet.bench;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntConsumer;

/** So many workers at once, each on a virtual thread; one that fails fails the whole. */
final class Crew {

    private Crew() {}

    static void run(int workers, IntConsumer work) {
        List<Future<?>> running = new ArrayList<>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int at = 0; at < workers; at++) {
                int worker = at;
                running.add(threads.submit(() -> work.accept(worker)));
            }
        }
        for (Future<?> each : running) {
            try {
                each.get();
            } catch (ExecutionException failed) {
                throw new IllegalStateException("a worker failed", failed.getCause());
            } catch (InterruptedException interrupted) {
                throw new IllegalStateException(interrupted);
            }
        }
    }

    /** One operation of a worker. */
    interface Turn {
        void take(int worker, int turn);
    }

    /** Lets every worker take turn after turn for so long, and counts them. */
    static Slice.Work count(int workers, Duration time, Turn turn) {
        AtomicLong total = new AtomicLong();
        long began = System.nanoTime();
        run(
                workers,
                worker -> {
                    int turns = 0;
                    while (System.nanoTime() - began < time.toNanos()) {
                        turn.take(worker, turns++);
                    }
                    total.addAndGet(turns);
                });
        return new Slice.Work(total.get(), (System.nanoTime() - began) / 1e9, "");
    }
}
