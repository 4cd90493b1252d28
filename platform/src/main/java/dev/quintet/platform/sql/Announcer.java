package dev.quintet.platform.sql;

import dev.quintet.platform.events.Event;
import java.util.List;

/** Writes events into the transaction that makes them true. The outbox is one. */
@FunctionalInterface
public interface Announcer {

    void announce(Tx tx, List<? extends Event> events);

    /** Runs when a database is open and before anything can be announced in it. */
    default void opened(Database db) {}
}
