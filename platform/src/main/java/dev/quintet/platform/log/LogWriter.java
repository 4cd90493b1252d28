package dev.quintet.platform.log;

import dev.quintet.platform.disk.Disk;
import dev.quintet.platform.disk.DiskFailed;
import dev.quintet.platform.disk.OpenFile;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The log's only writer, a platform thread: takes all that waits, writes it in one gathered write,
 * forces once, then acknowledges all of it. While it forces, the next batch gathers.
 */
final class LogWriter implements Runnable {

    private static final Logger log = LoggerFactory.getLogger(LogWriter.class);
    private static final Duration RETRY = Duration.ofSeconds(1);
    private static final int BATCH_RECORDS = 512;

    private final Disk disk;
    private final Path folder;
    private final LocalEventLog.Bounds bounds;
    private final RecordFormat format;
    private final Segments segments;
    private final Thread thread;

    // Guarded by the lock; appenders add, the writer takes.
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition waits = lock.newCondition();
    private final ArrayDeque<Waiting> queue = new ArrayDeque<>();
    private long waitingBytes;
    private boolean closed;

    // Owned by the writer's thread. No file: the last one failed, and is never forced again.
    private Optional<OpenFile> file = Optional.empty();
    private Place end;

    LogWriter(
            Disk disk,
            Path folder,
            LocalEventLog.Bounds bounds,
            RecordFormat format,
            Segments segments) {
        this.disk = disk;
        this.folder = folder;
        this.bounds = bounds;
        this.format = format;
        this.segments = segments;
        this.end = segments.end();
        this.file = Optional.of(disk.open(Segment.path(folder, end.segment())));
        this.thread = Thread.ofPlatform().name("event-log-writer").daemon().start(this);
    }

    /** Blocks until the record is durable. */
    Place append(LogRecord record) {
        long length = RecordFormat.length(record);
        if (length > bounds.record().bytes()) {
            throw LogRefusal.EVENTS_TOO_LARGE.because(length, bounds.record().bytes());
        }
        Waiting waiting = new Waiting(Optional.of(record), (int) length, new CompletableFuture<>());
        enqueue(waiting);
        try {
            return waiting.durable.join();
        } catch (CompletionException failure) {
            throw LogRefusal.EVENT_LOG_FAILED.because().retryAfter(RETRY);
        }
    }

    /** Closes the current segment when what waits is written; nothing to do if it is empty. */
    void rotate() {
        Waiting rotation = new Waiting(Optional.empty(), 0, new CompletableFuture<>());
        enqueue(rotation);
        try {
            rotation.durable.join();
        } catch (CompletionException failure) {
            throw LogRefusal.EVENT_LOG_FAILED.because().retryAfter(RETRY);
        }
    }

    private void enqueue(Waiting waiting) {
        lock.lock();
        try {
            if (closed) {
                throw LogRefusal.EVENT_LOG_CLOSED.because().retryAfter(RETRY);
            }
            if (waitingBytes + waiting.length > bounds.waiting().bytes()) {
                throw LogRefusal.EVENT_LOG_BUSY.because(waitingBytes).retryAfter(RETRY);
            }
            waitingBytes += waiting.length;
            queue.add(waiting);
            waits.signal();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void run() {
        List<Waiting> batch = takeAllWaiting();
        while (!batch.isEmpty()) {
            writeAndAnswer(batch);
            batch = takeAllWaiting();
        }
        file.ifPresent(OpenFile::close);
    }

    // The edge of this thread: whatever happens, those who wait get an answer.
    private void writeAndAnswer(List<Waiting> batch) {
        try {
            Waiting first = batch.getFirst();
            if (first.record.isEmpty()) {
                closeSegment();
                first.durable.complete(end);
                return;
            }
            List<Place> places = write(batch);
            for (int i = 0; i < places.size(); i++) {
                batch.get(i).durable.complete(places.get(i));
            }
        } catch (RuntimeException | Error failure) {
            abandon(failure);
            batch.forEach(waiting -> waiting.durable.completeExceptionally(failure));
        }
    }

    /** What waits, at most what one segment holds; empty when closed and all is written. */
    private List<Waiting> takeAllWaiting() {
        lock.lock();
        try {
            while (queue.isEmpty() && !closed) {
                waits.awaitUninterruptibly();
            }
            List<Waiting> batch = new ArrayList<>();
            long bytes = Segment.HEAD;
            for (Waiting next; (next = queue.peek()) != null && batch.size() < BATCH_RECORDS; ) {
                bytes += next.length;
                boolean isAlone = next.record.isEmpty();
                if (bytes > bounds.segment().bytes() || (isAlone && !batch.isEmpty())) {
                    break;
                }
                batch.add(queue.remove());
                waitingBytes -= next.length;
                if (isAlone) {
                    break;
                }
            }
            return batch;
        } finally {
            lock.unlock();
        }
    }

    private List<Place> write(List<Waiting> batch) {
        long bytes = batch.stream().mapToLong(Waiting::length).sum();
        OpenFile open = openFor(bytes);
        long start = end.offset();
        List<Place> places = new ArrayList<>(batch.size());
        ByteBuffer[] parts = new ByteBuffer[batch.size() * 3];
        long offset = start;
        for (int i = 0; i < batch.size(); i++) {
            LogRecord record = batch.get(i).record.orElseThrow();
            Place at = new Place(end.segment(), offset);
            parts[3 * i] = format.head(record, at, start);
            parts[3 * i + 1] = record.meta();
            parts[3 * i + 2] = record.body();
            places.add(at);
            offset += batch.get(i).length;
        }
        open.write(start, parts);
        open.force();
        end = new Place(end.segment(), offset);
        segments.grow(end);
        return places;
    }

    /** The current file, or the next one if this is full or has failed. */
    private OpenFile openFor(long bytes) {
        if (file.isPresent() && end.offset() + bytes <= bounds.segment().bytes()) {
            return file.get();
        }
        return openNext();
    }

    private void closeSegment() {
        if (end.offset() > Segment.HEAD) {
            openNext();
        }
    }

    private OpenFile openNext() {
        OpenFile next = Segment.create(disk, folder, end.segment() + 1, end.offset());
        file.ifPresent(OpenFile::close);
        file = Optional.of(next);
        end = new Place(end.segment() + 1, Segment.HEAD);
        segments.grow(end);
        return next;
    }

    // After a failed force the kernel may call lost pages clean, so a second force would lie.
    private void abandon(Throwable failure) {
        log.error(
                "the event log could not write to segment {}; its waiting records were refused and"
                        + " the next ones go to a new segment",
                end.segment(),
                failure);
        Optional<OpenFile> failed = file;
        file = Optional.empty();
        try {
            failed.ifPresent(OpenFile::close);
        } catch (DiskFailed alsoClosing) {
            log.warn("closing segment {} failed too", end.segment(), alsoClosing);
        }
    }

    void close() {
        lock.lock();
        try {
            closed = true;
            waits.signal();
        } finally {
            lock.unlock();
        }
        try {
            thread.join();
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    /** A record that waits to be durable, or, without one, a request to close the segment. */
    private record Waiting(
            Optional<LogRecord> record, int length, CompletableFuture<Place> durable) {}
}
