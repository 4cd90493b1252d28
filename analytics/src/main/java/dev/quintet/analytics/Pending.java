package dev.quintet.analytics;

import dev.quintet.platform.DataSize;
import dev.quintet.platform.PlatformRefusal;
import dev.quintet.platform.log.EventLog;
import dev.quintet.platform.log.LogDamaged;
import dev.quintet.platform.log.LogSlice;
import dev.quintet.platform.log.Position;
import java.time.Duration;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * How many items of whom wait in the log: counted as they are taken, by pieces of the log, so that
 * only the piece in which loading stands is read for an answer. What the log held before this
 * process began is read once, when somebody asks.
 */
final class Pending {

    private static final DataSize PIECE = DataSize.mebibytes(1);
    private static final DataSize READ = DataSize.mebibytes(1);

    private final EventLog log;
    private final Position opened;
    private final ReentrantLock old = new ReentrantLock();
    private final ReentrantLock taking = new ReentrantLock();

    /** By where each begins; it ends where the next one does. */
    private final ConcurrentSkipListMap<Position, Piece> pieces = new ConcurrentSkipListMap<>();

    private volatile boolean oldCounted;
    private @Nullable LogDamaged oldDamage;

    /** About a megabyte of the log. Filled by one thread at a time. */
    private static final class Piece {

        private final ConcurrentMap<UUID, LongAdder> items = new ConcurrentHashMap<>();
        private Position last;
        private long bytes;

        Piece(Position start) {
            last = start;
        }

        void add(Position position, UUID organisation, long count, long size) {
            items.computeIfAbsent(organisation, missing -> new LongAdder()).add(count);
            last = position.compareTo(last) > 0 ? position : last;
            bytes += size;
        }

        boolean isFull() {
            return bytes >= PIECE.bytes();
        }

        /** Behind all that is in it, whatever comes later. */
        Position end() {
            return new Position(last.partition(), last.offset() + 1);
        }

        long of(UUID organisation) {
            LongAdder own = items.get(organisation);
            return own == null ? 0 : own.sum();
        }
    }

    /** Before anything is appended to it. */
    Pending(EventLog log) {
        this.log = log;
        this.opened = log.end();
        pieces.put(opened, new Piece(opened));
    }

    /** What was taken now; those who append at once may tell it in any order. */
    void add(Position position, UUID organisation, int items, long bytes) {
        boolean begun = false;
        taking.lock();
        try {
            Map.Entry<Position, Piece> known = pieces.floorEntry(position);
            if (known == null) {
                // Loaded and forgotten since it was appended.
                return;
            }
            Piece piece = known.getValue();
            piece.add(position, organisation, items, bytes);
            if (piece.isFull() && piece == pieces.lastEntry().getValue()) {
                pieces.put(piece.end(), new Piece(piece.end()));
                begun = true;
            }
        } finally {
            taking.unlock();
        }
        if (begun) {
            // The log has forgotten what is loaded.
            Position kept = pieces.floorKey(log.start());
            if (kept != null) {
                pieces.headMap(kept).clear();
            }
        }
    }

    /** The items from there on; throws what reading the log throws. */
    long from(Position from, UUID organisation) {
        log.require(from);
        countOld(from);
        Position next = pieces.higherKey(from);
        LongAdder items = new LongAdder();
        read(
                from,
                next == null ? log.end() : next,
                entry -> {
                    Submission.Header header = Submission.Header.of(entry);
                    if (header.organisation().equals(organisation)) {
                        items.add(header.items());
                    }
                });
        if (next != null) {
            pieces.tailMap(next).values().forEach(piece -> items.add(piece.of(organisation)));
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
            NavigableMap<Position, Piece> found = new TreeMap<>();
            read(
                    from,
                    opened,
                    entry -> {
                        if (found.isEmpty() || found.lastEntry().getValue().isFull()) {
                            found.put(entry.position(), new Piece(entry.position()));
                        }
                        Submission.Header header = Submission.Header.of(entry);
                        found.lastEntry()
                                .getValue()
                                .add(
                                        entry.position(),
                                        header.organisation(),
                                        header.items(),
                                        entry.record().bytes());
                    });
            pieces.putAll(found);
            oldCounted = true;
        } catch (LogDamaged damaged) {
            oldDamage = damaged;
            throw damaged;
        } finally {
            old.unlock();
        }
    }

    private void read(Position from, Position to, Consumer<LogSlice.Entry> requests) {
        Position at = from;
        while (at.compareTo(to) < 0) {
            LogSlice slice = log.read(at, READ, Duration.ZERO);
            for (LogSlice.Entry entry : slice.entries()) {
                if (entry.position().compareTo(to) >= 0) {
                    return;
                }
                requests.accept(entry);
            }
            if (slice.entries().isEmpty() && slice.next().equals(at)) {
                return;
            }
            at = slice.next();
        }
    }
}
