package dev.quintet.platform.sql;

import dev.quintet.platform.events.Event;
import java.util.ArrayList;
import java.util.List;
import org.jdbi.v3.core.Handle;

/**
 * One running transaction, owned by the thread that runs its work; stores take it as first
 * parameter.
 */
public final class Tx {

    private final Handle handle;
    private final Announcer announcer;
    private final List<Runnable> afterCommit = new ArrayList<>();

    Tx(Handle handle, Announcer announcer) {
        this.handle = handle;
        this.announcer = announcer;
    }

    /** For {@code *Store} classes only. */
    public Handle handle() {
        return handle;
    }

    /**
     * Tells the other systems, if and only if this transaction commits. The transaction's last
     * statement, under the lock that orders the event's key.
     */
    public void announce(Event event) {
        announce(List.of(event));
    }

    /** The same for many events, with one statement. */
    public void announce(List<? extends Event> events) {
        announcer.announce(this, events);
    }

    /** Runs when the commit is durable, on the same thread; not at all when it fails. */
    public void afterCommit(Runnable action) {
        afterCommit.add(action);
    }

    List<Runnable> afterCommit() {
        return afterCommit;
    }
}
