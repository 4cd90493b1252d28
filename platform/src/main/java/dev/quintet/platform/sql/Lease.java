package dev.quintet.platform.sql;

/** The right to do one named thing until it ends; whoever writes under it says its epoch. */
public final class Lease {

    private final String name;
    private final long epoch;
    private volatile long endsAtNanos;
    private volatile boolean lost;

    Lease(String name, long epoch, long endsAtNanos) {
        this.name = name;
        this.epoch = epoch;
        this.endsAtNanos = endsAtNanos;
    }

    public String name() {
        return name;
    }

    public long epoch() {
        return epoch;
    }

    /** Whether it surely still holds: counted from before the database was asked. */
    public boolean holds() {
        return !lost && System.nanoTime() - endsAtNanos < 0;
    }

    void extend(long untilNanos) {
        endsAtNanos = untilNanos;
    }

    void lose() {
        lost = true;
    }
}
