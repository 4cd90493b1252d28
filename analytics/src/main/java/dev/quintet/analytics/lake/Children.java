package dev.quintet.analytics.lake;

import dev.quintet.analytics.lake.ChildTalk.Ask;
import dev.quintet.analytics.lake.ChildTalk.Reply;
import dev.quintet.platform.Deadline;
import dev.quintet.platform.PlatformRefusal;
import dev.quintet.platform.disk.Disk;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * A few child processes that take one statement at a time each, so that one that is killed takes no
 * other's statement with it. Started on demand, kept warm, stopped when idle.
 */
final class Children implements AutoCloseable {

    private final Disk disk;
    private final Path scratch;
    private final ChildMemory memory;
    private final String what;
    private final Semaphore free;

    // Guarded by this. Nothing blocks under the lock.
    private final Deque<Child> idle = new ArrayDeque<>();
    private int started;
    private boolean closed;

    /**
     * @param scratch a folder for these children alone; what an earlier server left in it is
     *     deleted
     * @param count how many may run at once
     * @param memory what each child may take
     */
    Children(Disk disk, Path scratch, int count, ChildMemory memory, String what) {
        this.disk = disk;
        this.scratch = scratch;
        this.memory = memory;
        this.what = what;
        this.free = new Semaphore(count, true);
        disk.createFolders(scratch);
        disk.list(scratch).forEach(this::deleteFolder);
    }

    /**
     * Runs one statement on a child of its own; refuses when none comes free in time.
     *
     * @param time what the statement may take; the start of a child does not count
     */
    Reply ask(Ask ask, Duration time) {
        try {
            if (!free.tryAcquire(time.toMillis(), TimeUnit.MILLISECONDS)) {
                throw PlatformRefusal.BUSY.because(what).retryAfter(Duration.ofSeconds(1));
            }
        } catch (InterruptedException interrupted) {
            throw new IllegalStateException("nobody interrupts the thread of a query", interrupted);
        }
        try {
            Child child = take();
            try {
                return child.process.ask(ask, Deadline.in(time));
            } finally {
                putBack(child);
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
    synchronized java.util.List<Long> waiting() {
        return idle.stream().map(child -> child.process.pid()).toList();
    }

    private Child take() {
        Path folder;
        synchronized (this) {
            Child waiting = idle.pollFirst();
            if (waiting != null && waiting.process.alive()) {
                return waiting;
            }
            folder = scratch.resolve("child-" + started++);
        }
        disk.createFolder(folder);
        Child child = new Child(new ChildProcess(folder, memory), folder);
        try {
            child.process.awaitReady();
            return child;
        } catch (RuntimeException failed) {
            end(child);
            throw failed;
        }
    }

    private void putBack(Child child) {
        synchronized (this) {
            if (child.process.alive() && !closed) {
                child.lastUsed = System.nanoTime();
                idle.addFirst(child);
                return;
            }
        }
        end(child);
    }

    private void end(Child child) {
        child.process.close();
        deleteFolder(child.folder);
    }

    /** DuckDB's library lies in it, unpacked, and nothing that must last. */
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
            idle.clear();
        }
        ended.forEach(this::end);
    }

    private static final class Child {
        private final ChildProcess process;
        private final Path folder;
        private long lastUsed;

        Child(ChildProcess process, Path folder) {
            this.process = process;
            this.folder = folder;
        }
    }
}
