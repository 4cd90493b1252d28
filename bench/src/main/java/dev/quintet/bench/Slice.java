package dev.quintet.bench;

import java.time.Duration;

/** One path of the product that is put under load; set up before, measured several times. */
interface Slice extends AutoCloseable {

    /** What is counted, e.g. {@code refreshes}. */
    String counts();

    /** How the load comes, in a few words. */
    String load();

    /** What is not counted, before each run. */
    default void prepare(Duration time) {}

    /** Works for about so long, and returns how many operations were acknowledged in that time. */
    Work run(Duration time);

    /** What is made once, for as many runs as wanted. */
    @Override
    default void close() {}

    /**
     * @param operations acknowledged
     * @param note what else this run showed, or nothing
     */
    record Work(long operations, double seconds, String note) {

        double rate() {
            return operations / seconds;
        }
    }
}
