package dev.quintet.analytics.lake;

import dev.quintet.analytics.lake.ChildTalk.Ask;
import dev.quintet.analytics.lake.ChildTalk.Failure;
import dev.quintet.analytics.lake.ChildTalk.Problem;
import dev.quintet.analytics.lake.ChildTalk.Reply;
import dev.quintet.platform.Deadline;
import dev.quintet.platform.PlatformRefusal;
import dev.quintet.platform.disk.Disk;
import dev.quintet.platform.disk.DiskFailed;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A few child processes that take one statement at a time each, so that one that is killed takes no
 * other's statement with it. Started on demand, kept warm, stopped when idle.
 */
final class Children implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Children.class);

    private final Disk disk;
    private final EngineFiles files;
    private final Path scratch;
    private final ChildMemory memory;
    private final String what;
    private final Doubling startLimit;
    private final Semaphore free;

    // Guarded by this. Nothing blocks under the lock.
    private final Deque<Child> idle = new ArrayDeque<>();
    private final Set<Child> busy = new HashSet<>();
    private int started;
    private boolean closed;

    /**
     * @param scratch a folder for these children alone; what an earlier server left in it is
     *     deleted
     * @param count how many may run at once
     * @param memory what each child may take
     * @param what its name in sentences
     * @param startLimit what the start of a child may take
     */
    Children(
            Disk disk,
            EngineFiles files,
            Path scratch,
            int count,
            ChildMemory memory,
            String what,
            Doubling startLimit) {
        this.disk = disk;
        this.files = files;
        this.scratch = scratch;
        this.memory = memory;
        this.what = what;
        this.startLimit = startLimit;
        this.free = new Semaphore(count, true);
        disk.createFolders(scratch);
        disk.list(scratch).forEach(this::deleteFolder);
    }

    /**
     * Runs one statement on a child of its own; refuses when none comes free in time.
     *
     * @param time what waiting and the statement may take; the start of a child does not count
     */
    Reply ask(Ask ask, Duration time) {
        Deadline waiting = Deadline.in(time);
        try {
            if (!free.tryAcquire(time.toMillis(), TimeUnit.MILLISECONDS)) {
                throw PlatformRefusal.BUSY.because(what).retryAfter(Duration.ofSeconds(1));
            }
        } catch (InterruptedException interrupted) {
            throw new IllegalStateException("nobody interrupts the thread of a query", interrupted);
        }
        Duration left = waiting.left();
        try {
            Child child = take();
            try {
                Reply reply = child.process.ask(ask, Deadline.in(left));
                putBack(child);
                return reply;
            } catch (RuntimeException broken) {
                // Its late reply would be taken for the answer to the next.
                end(child);
                throw broken;
            }
        } finally {
            free.release();
        }
    }

    /** Ends the children that nobody has asked anything for that long. */
    void stopIdle(Duration unused) {
        Deque<Child> ended = new ArrayDeque<>();
        synchronized (this) {
            for (Iterator<Child> each = idle.iterator(); each.hasNext(); ) {
                Child child = each.next();
                if (System.nanoTime() - child.lastUsed > unused.toNanos()) {
                    each.remove();
                    ended.add(child);
                }
            }
        }
        ended.forEach(this::end);
    }

    /** The process ids of the children that wait for work. */
    synchronized List<Long> waiting() {
        return idle.stream().map(child -> child.process.pid()).toList();
    }

    private Child take() {
        Path folder;
        Deque<Child> dead = new ArrayDeque<>();
        try {
            synchronized (this) {
                for (Child next = idle.pollFirst(); next != null; next = idle.pollFirst()) {
                    if (next.process.alive()) {
                        busy.add(next);
                        return next;
                    }
                    dead.add(next);
                }
                folder = scratch.resolve("child-" + started++);
            }
        } finally {
            dead.forEach(this::end);
        }
        return start(folder);
    }

    private Child start(Path folder) {
        Child child;
        try {
            disk.createFolder(folder);
            child = new Child(new ChildProcess(files, folder, memory, what), folder);
        } catch (RuntimeException failed) {
            deleteLeft(folder);
            throw failed;
        }
        try {
            take(child);
            awaitReady(child);
            return child;
        } catch (RuntimeException failed) {
            end(child);
            throw failed;
        }
    }

    /** Whoever closes ends it from now on, also while it starts. */
    private synchronized void take(Child child) {
        if (closed) {
            throw new EngineFailed(what + " was stopped");
        }
        busy.add(child);
    }

    private void awaitReady(Child child) {
        Duration limit = startLimit.now();
        Reply ready = child.process.awaitReady(limit);
        if (ready.failures().isEmpty()) {
            startLimit.succeeded();
            return;
        }
        Failure failure = ready.failures().getFirst();
        if (failure.problem() == Problem.TOO_SLOW) {
            throw new EngineFailed(
                    what
                            + " did not start within "
                            + Doubling.shown(limit)
                            + "; the next try gets "
                            + Doubling.shown(startLimit.failed(limit)));
        }
        throw new EngineFailed(
                failure.problem() == Problem.ENDED
                        ? failure.message()
                        : what + " did not start: " + failure.message());
    }

    private void putBack(Child child) {
        synchronized (this) {
            if (child.process.alive() && !closed) {
                busy.remove(child);
                child.lastUsed = System.nanoTime();
                idle.addFirst(child);
                return;
            }
        }
        end(child);
    }

    /** Of those that come to it at once, one does it. */
    private void end(Child child) {
        synchronized (this) {
            busy.remove(child);
        }
        if (child.ended.compareAndSet(false, true)) {
            child.process.close();
            child.process.awaitEnd();
            deleteLeft(child.folder);
        }
    }

    /** What stays costs room alone: the next server deletes it. */
    private void deleteLeft(Path folder) {
        try {
            deleteFolder(folder);
        } catch (DiskFailed failed) {
            LOG.warn("the folder of {} stays until the next start: {}", what, failed.getMessage());
        }
    }

    /** Nothing that must last lies in it. */
    private void deleteFolder(Path folder) {
        if (!disk.exists(folder)) {
            return;
        }
        disk.list(folder).forEach(disk::delete);
        disk.delete(folder);
    }

    @Override
    public void close() {
        Deque<Child> ended;
        synchronized (this) {
            closed = true;
            ended = new ArrayDeque<>(idle);
            ended.addAll(busy);
            idle.clear();
        }
        ended.forEach(this::end);
    }

    private static final class Child {
        private final ChildProcess process;
        private final Path folder;
        private final AtomicBoolean ended = new AtomicBoolean();
        private long lastUsed;

        Child(ChildProcess process, Path folder) {
            this.process = process;
            this.folder = folder;
        }
    }
}
