package dev.quintet.bench.journey;

import java.util.concurrent.atomic.AtomicInteger;

/** What one client was told, and what is under way for it. */
final class Tally {

    private final String system;
    private final AtomicInteger acknowledged = new AtomicInteger();
    private volatile int mark;
    private final AtomicInteger underWay = new AtomicInteger();
    private final AtomicInteger broken = new AtomicInteger();

    Tally(String system) {
        this.system = system;
    }

    String system() {
        return system;
    }

    /** Operations that were answered with success. */
    int acknowledged() {
        return acknowledged.get();
    }

    /** Counts anew from here. */
    void mark() {
        mark = acknowledged();
    }

    int sinceMark() {
        return acknowledged() - mark;
    }

    /** Requests that wait for their answer now. */
    int underWay() {
        return underWay.get();
    }

    /** Requests that never got an answer, or that the server was not able to take. */
    int broken() {
        return broken.get();
    }

    void acknowledge() {
        acknowledged.incrementAndGet();
    }

    void begin() {
        underWay.incrementAndGet();
    }

    void end() {
        underWay.decrementAndGet();
    }

    void breaks() {
        broken.incrementAndGet();
    }

    @Override
    public String toString() {
        return system + " " + acknowledged() + " acknowledged, " + broken() + " broken";
    }
}
