package dev.quintet.platform.sql;

import dev.quintet.platform.events.Event;

/** Writes an event into the transaction that makes it true. The outbox is one. */
@FunctionalInterface
public interface Announcer {

    void announce(Tx tx, Event event);

    /** Runs when a database is open and before anything can be announced in it. */
    default void opened(Database db) {}
}
