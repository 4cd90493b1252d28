package dev.quintet.platform.events;

import dev.quintet.platform.sql.Database;
import java.time.Duration;
import java.util.function.LongSupplier;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * What the last look at the outbox has shown, so that metrics ask no database: one that hangs would
 * hold up each scrape. NaN before the first look and when the last one is too long ago.
 */
public final class OutboxReadings {

    private static final Duration GOOD_FOR = Duration.ofSeconds(30);

    private final Database db;
    private final LongSupplier nanoTime;
    private final SubscriberStore store = new SubscriberStore();
    private volatile @Nullable Look last;

    private record Look(double lag, SubscriberStore.ParkedCount parked, long at) {}

    OutboxReadings(Database db, LongSupplier nanoTime) {
        this.db = db;
        this.nanoTime = nanoTime;
    }

    void look() {
        long at = nanoTime.getAsLong();
        last = db.read(tx -> new Look(store.lag(tx), store.countParked(tx), at));
    }

    /** Seconds for which the oldest event has waited for its slowest subscriber. */
    public double lag() {
        return read(Look::lag);
    }

    /** How many events wait because a subscriber could not take them or one before them. */
    public double parked() {
        return read(look -> look.parked().all());
    }

    /** How many of these are tried no more until an operator says so. */
    public double givenUp() {
        return read(look -> look.parked().givenUp());
    }

    private double read(ToDoubleFunction<Look> what) {
        Look look = last;
        return look == null || nanoTime.getAsLong() - look.at() > GOOD_FOR.toNanos()
                ? Double.NaN
                : what.applyAsDouble(look);
    }
}
