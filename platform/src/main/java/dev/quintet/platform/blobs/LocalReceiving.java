package dev.quintet.platform.blobs;

import dev.quintet.platform.disk.Disk;
import dev.quintet.platform.disk.DiskFailed;
import dev.quintet.platform.disk.DiskGuard;
import dev.quintet.platform.disk.OpenFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;

/** A local blob in receipt: a part file, and marks of how far it is durable. */
final class LocalReceiving implements Receiving {

    private static final int BUFFER = 128 * 1024;
    private static final Duration BRIEF = Duration.ofSeconds(30);

    private final BlobId id;
    private final Disk disk;
    private final Places places;
    private final DiskGuard guard;
    private final ConcurrentHashMap<BlobId, Turn> turns;
    private final int stretch;

    LocalReceiving(
            BlobId id,
            Disk disk,
            Places places,
            DiskGuard guard,
            ConcurrentHashMap<BlobId, Turn> turns,
            int stretch) {
        this.id = id;
        this.disk = disk;
        this.places = places;
        this.guard = guard;
        this.turns = turns;
        this.stretch = stretch;
    }

    @Override
    public BlobId id() {
        return id;
    }

    @Override
    public long offset() {
        Turn other = turns.get(id);
        OptionalLong known = other == null ? OptionalLong.empty() : other.durable();
        return known.isPresent()
                ? known.getAsLong()
                : inTurn(Turn.brief(), turn -> durableOffset());
    }

    @Override
    public long append(long offset, InputStream source) throws IOException {
        guard.admit();
        return inTurn(Turn.append(source), turn -> appendInTurn(turn, offset, source));
    }

    @Override
    public long endOther(Duration wait) {
        Turn other = turns.get(id);
        if (other != null && !other.end(wait)) {
            throw BlobRefusal.APPEND_IN_PROGRESS.because();
        }
        return offset();
    }

    @Override
    public BlobId commit() {
        return inTurn(Turn.brief(), turn -> commitInTurn());
    }

    @Override
    public void abort() {
        inTurn(
                Turn.brief(),
                turn -> {
                    forget();
                    return id;
                });
    }

    @Override
    public boolean isUnderWay() {
        Turn other = turns.get(id);
        return other != null && !other.isBrief();
    }

    @Override
    public BlobId store(InputStream source) throws IOException {
        guard.admit();
        return inTurn(Turn.whole(), turn -> storeInTurn(source));
    }

    /** A whole body without a resume: forced as it comes, its folder once. */
    private BlobId storeInTurn(InputStream source) throws IOException {
        Path part = places.part(id);
        try (OpenFile data = disk.create(part);
                ForceAhead forces = new ForceAhead(data, 0, stretch, end -> {})) {
            byte[] buffer = new byte[BUFFER];
            long at = 0;
            for (int read; (read = source.read(buffer)) >= 0; ) {
                data.write(at, ByteBuffer.wrap(buffer, 0, read));
                at += read;
                forces.wrote(at);
            }
            forces.finish(at);
        } catch (IOException | RuntimeException failure) {
            disk.delete(part);
            throw failure;
        }
        return putInPlace();
    }

    private long durableOffset() {
        if (disk.exists(places.stored(id))) {
            return committedSize();
        }
        if (!disk.exists(places.part(id))) {
            return 0;
        }
        try (Parts parts = new Parts()) {
            return parts.durable;
        }
    }

    private long committedSize() {
        try (OpenFile file = disk.open(places.stored(id))) {
            return file.size();
        }
    }

    private long appendInTurn(Turn turn, long offset, InputStream source) throws IOException {
        if (disk.exists(places.stored(id))) {
            throw BlobRefusal.ALREADY_COMMITTED.because(id);
        }
        if (offset != 0 && !disk.exists(places.part(id))) {
            throw BlobRefusal.WRONG_OFFSET.because(0, offset);
        }
        try (Parts parts = new Parts()) {
            if (offset != parts.durable) {
                throw BlobRefusal.WRONG_OFFSET.because(parts.durable, offset);
            }
            parts.receive(turn, source);
            return parts.durable;
        }
    }

    private BlobId commitInTurn() {
        if (disk.exists(places.stored(id))) {
            // Moved, but perhaps not durably: the commit before may have been cut.
            disk.forceFolder(places.makeFan(id));
            forget();
            return id;
        }
        new Parts().close();
        BlobId stored = putInPlace();
        disk.delete(places.marks(id));
        return stored;
    }

    /** The part file is forced; its new name becomes durable here. */
    private BlobId putInPlace() {
        Path fan = places.makeFan(id);
        disk.rename(places.part(id), places.stored(id));
        disk.forceFolder(fan);
        return id;
    }

    private void forget() {
        disk.delete(places.part(id));
        disk.delete(places.marks(id));
    }

    private <T, X extends Exception> T inTurn(Turn turn, Work<T, X> work) throws X {
        for (Turn other; (other = turns.putIfAbsent(id, turn)) != null; ) {
            if (!other.isBrief() || !other.awaitOver(BRIEF)) {
                throw BlobRefusal.APPEND_IN_PROGRESS.because();
            }
        }
        try {
            return work.run(turn);
        } finally {
            turns.remove(id);
            turn.over();
        }
    }

    @FunctionalInterface
    private interface Work<T, X extends Exception> {
        T run(Turn turn) throws X;
    }

    /** The two files, open, and brought to a state in which all that they say is durable. */
    private final class Parts implements AutoCloseable {

        private final OpenFile data;
        private final OpenFile markFile;
        private final Marks marks;
        private long durable;

        Parts() {
            boolean isNew = !disk.exists(places.part(id));
            if (isNew) {
                // Marks without a part are what an abort has left that a power cut interrupted.
                disk.delete(places.marks(id));
            }
            data = openOrCreate(places.part(id));
            markFile = openOrCreate(places.marks(id));
            marks = new Marks(markFile);
            durable = marks.last();
            try {
                settle(isNew);
            } catch (RuntimeException failure) {
                close();
                throw failure;
            }
        }

        // What an ended process wrote may lie in memory only; from here on it is relied upon.
        private void settle(boolean isNew) {
            if (durable > data.size()) {
                throw new IllegalStateException(
                        data.path()
                                + " has "
                                + data.size()
                                + " bytes, "
                                + durable
                                + " were durable");
            }
            if (!isNew) {
                data.resize(durable);
                data.force();
                markFile.force();
            }
            disk.forceFolder(places.incoming());
        }

        private OpenFile openOrCreate(Path file) {
            return disk.exists(file) ? disk.open(file) : disk.create(file);
        }

        /** Stores what the source gives, in stretches; also what it gave before it failed. */
        void receive(Turn turn, InputStream source) throws IOException {
            byte[] buffer = new byte[Math.min(BUFFER, stretch)];
            long at = durable;
            turn.durable(at);
            try (ForceAhead forces = new ForceAhead(data, at, stretch, end -> mark(turn, end))) {
                try {
                    for (int read; (read = next(turn, source, buffer)) >= 0; ) {
                        data.write(at, ByteBuffer.wrap(buffer, 0, read));
                        at += read;
                        forces.wrote(at);
                    }
                } catch (DiskFailed failure) {
                    // Nothing is known of what was written since the last mark.
                    throw failure;
                } catch (IOException | RuntimeException sourceFailed) {
                    forces.finish(at);
                    throw sourceFailed;
                }
                forces.finish(at);
            }
        }

        private int next(Turn turn, InputStream source, byte[] buffer) throws IOException {
            try {
                int read = turn.isEnded() ? -1 : source.read(buffer);
                if (turn.isEnded()) {
                    throw BlobRefusal.APPEND_ENDED.because();
                }
                return read;
            } catch (IOException | RuntimeException broken) {
                // Its end closed the source, which then says so in its own words.
                if (turn.isEnded()) {
                    throw BlobRefusal.APPEND_ENDED.because();
                }
                throw broken;
            }
        }

        /** All before this is forced. */
        private void mark(Turn turn, long end) {
            marks.add(end);
            durable = end;
            turn.durable(end);
        }

        @Override
        public void close() {
            data.close();
            markFile.close();
        }
    }
}
