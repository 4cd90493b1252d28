package dev.quintet.platform;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicReference;

/** A clock that a test moves by hand; safe for any number of threads. */
public final class ManualTime implements InstantSource {

    private final AtomicReference<Instant> now;

    public ManualTime(Instant start) {
        now = new AtomicReference<>(start);
    }

    public ManualTime() {
        this(Instant.parse("2026-11-21T12:00:00Z"));
    }

    @Override
    public Instant instant() {
        return now.get();
    }

    public void advance(Duration by) {
        now.updateAndGet(instant -> instant.plus(by));
    }
}
