package dev.quintet.platform.events;

/**
 * How far a subscriber has read: all that {@code from} sees, and of what {@code to} sees beyond it,
 * the rows up to {@code lastId}. An id alone would skip a lower one that commits later.
 *
 * @param from a {@code pg_snapshot} as text
 * @param to likewise; the snapshot of {@code tick}
 */
record Position(String from, String to, long tick, long lastId) {

    /** Whether everything up to the tick has been read. */
    boolean atTick() {
        return from.equals(to);
    }

    Position readTo(long id) {
        return new Position(from, to, tick, id);
    }

    Position readAll() {
        return new Position(to, to, tick, 0);
    }

    Position towards(Tick next) {
        return new Position(to, next.snapshot(), next.id(), 0);
    }

    /** A moment up to which a reader can read: everything that committed before it. */
    record Tick(long id, String snapshot) {}
}
