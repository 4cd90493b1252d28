package dev.quintet.analytics;

import dev.quintet.platform.DataSize;
import dev.quintet.platform.PlatformRefusal;
import dev.quintet.platform.log.EventLog;
import dev.quintet.platform.log.LogDamaged;
import dev.quintet.platform.log.LogSlice;
import dev.quintet.platform.log.Position;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * How many items of whom wait in the log: counted as they are taken, by pieces of the log, so that
 * only the piece in which loading stands is read for an answer. What the log held before this
 * process began is read once, when somebody asks.
 */
final class Pending {

    private static final int PIECE_BITS = 20;
    private static final DataSize READ = DataSize.mebibytes(1);

    private final EventLog log;
    private final Position opened;
    private final ReentrantLock old = new ReentrantLock();
    private final ConcurrentSkipListMap<Piece, ConcurrentMap<UUID, LongAdder>> pieces =
            new ConcurrentSkipListMap<>();
    private volatile boolean oldCounted;
    private @Nullable LogDamaged oldDamage;

    /** A megabyte of the log, by where its records begin. */
    private record Piece(long segment, long number) implements Comparable<Piece> {

        private static final Comparator<Piece> ORDER =
                Comparator.comparingLong(Piece::segment).thenComparingLong(Piece::number);

        static Piece of(Position position) {
            return new Piece(position.segment(), position.offset() >> PIECE_BITS);
        }

        @Override
        public int compareTo(Piece other) {
            return ORDER.compare(this, other);
        }
    }

    /** Before anything is appended to it. */
    Pending(EventLog log) {
        this.log = log;
        this.opened = log.end();
    }

    /** What was taken now. */
    void add(Position position, UUID organisation, int items) {
        Piece piece = Piece.of(position);
        if (!pieces.containsKey(piece)) {
            // The log has forgotten what is loaded.
            pieces.headMap(Piece.of(log.start())).clear();
        }
        add(piece, organisation, items);
    }

    private void add(Piece piece, UUID organisation, long items) {
        pieces.computeIfAbsent(piece, missing -> new ConcurrentHashMap<>())
                .computeIfAbsent(organisation, missing -> new LongAdder())
                .add(items);
    }

    /** The items from there on; throws what reading the log throws. */
    long from(Position from, UUID organisation) {
        Position end = log.end();
        if (from.compareTo(end) > 0) {
            throw new LogDamaged(from, "it ends at " + end + " but is loaded up to " + from);
        }
        countOld(from);
        Piece first = Piece.of(from);
        LongAdder items = new LongAdder();
        read(
                from,
                position -> position.compareTo(end) < 0 && Piece.of(position).equals(first),
                (piece, header) -> {
                    if (header.organisation().equals(organisation)) {
                        items.add(header.items());
                    }
                });
        for (Map<UUID, LongAdder> counts : pieces.tailMap(first, false).values()) {
            LongAdder own = counts.get(organisation);
            items.add(own == null ? 0 : own.sum());
        }
        return items.sum();
    }

    private void countOld(Position from) {
        if (oldCounted) {
            return;
        }
        if (!old.tryLock()) {
            throw PlatformRefusal.BUSY
                    .because("the count of what waits in the event log")
                    .retryAfter(Duration.ofSeconds(2));
        }
        try {
            if (oldCounted) {
                return;
            }
            if (oldDamage != null && oldDamage.at().compareTo(from) >= 0) {
                // The log does not change there while it is open.
                throw oldDamage;
            }
            // Apart until all is read: another attempt begins anew.
            Map<Piece, Map<UUID, Long>> found = new HashMap<>();
            read(
                    from,
                    position -> position.compareTo(opened) < 0,
                    (piece, header) ->
                            found.computeIfAbsent(piece, missing -> new HashMap<>())
                                    .merge(
                                            header.organisation(),
                                            (long) header.items(),
                                            Long::sum));
            found.forEach((piece, counts) ->
                    counts.forEach((organisation, items) -> add(piece, organisation, items)));
            oldCounted = true;
        } catch (LogDamaged damaged) {
            oldDamage = damaged;
            throw damaged;
        } finally {
            old.unlock();
        }
    }

    private void read(
            Position from,
            Predicate<Position> wanted,
            BiConsumer<Piece, Submission.Header> requests) {
        Position at = from;
        while (wanted.test(at)) {
            LogSlice slice = log.read(at, READ, Duration.ZERO);
            for (LogSlice.Entry entry : slice.entries()) {
                if (!wanted.test(entry.position())) {
                    return;
                }
                requests.accept(Piece.of(entry.position()), Submission.Header.of(entry));
            }
            if (slice.entries().isEmpty() && slice.next().equals(at)) {
                return;
            }
            at = slice.next();
        }
    }
}
