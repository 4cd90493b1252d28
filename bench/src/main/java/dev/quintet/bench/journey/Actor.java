package dev.quintet.bench.journey;

/** One client of one system, on a thread of its own. */
interface Actor extends AutoCloseable {

    /** Does one thing, again under the same id until there is an answer, and remembers it. */
    void act() throws Exception;

    /** Holds what the server has against what it acknowledged; tells the calls what is wrong. */
    void check() throws Exception;

    @Override
    default void close() {}
}
