package dev.quintet.platform;

import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;

/** Wakes one waiting thread; many calls before it looks count as one. */
public final class Signal {

    private final BlockingQueue<Boolean> waiting = new ArrayBlockingQueue<>(1);

    public void raise() {
        waiting.offer(true);
    }

    /** Whether it was raised; false after {@code limit}. */
    public boolean await(Duration limit) {
        try {
            return waiting.poll(limit.toMillis(), TimeUnit.MILLISECONDS) != null;
        } catch (InterruptedException nobodyInterrupts) {
            throw new IllegalStateException("interrupted while waiting", nobodyInterrupts);
        }
    }
}
