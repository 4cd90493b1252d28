package dev.quintet.platform.disk;

import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Refuses new bytes before the disk is full, so that what was acknowledged can still be worked off.
 * Measures at most once a second; any thread may ask.
 */
public final class DiskGuard {

    private static final Logger log = LoggerFactory.getLogger(DiskGuard.class);
    private static final long EVERY = Duration.ofSeconds(1).toNanos();
    private static final Duration RETRY = Duration.ofSeconds(30);

    private final Disk disk;
    private final Path path;
    private final double warnAt;
    private final double refuseAt;
    private final AtomicLong next = new AtomicLong(System.nanoTime());
    private volatile double used;

    public DiskGuard(Disk disk, Path path, double warnAt, double refuseAt) {
        if (!(0 < warnAt && warnAt <= refuseAt && refuseAt <= 1)) {
            throw new IllegalArgumentException("0 < " + warnAt + " <= " + refuseAt + " <= 1");
        }
        this.disk = disk;
        this.path = path;
        this.warnAt = warnAt;
        this.refuseAt = refuseAt;
    }

    /** Warns from 85 % on and refuses from 92 %. */
    public static DiskGuard of(Disk disk, Path path) {
        return new DiskGuard(disk, path, 0.85, 0.92);
    }

    /** The used part of the disk, 0 to 1. */
    public double used() {
        long due = next.get();
        long now = System.nanoTime();
        if (now - due >= 0 && next.compareAndSet(due, now + EVERY)) {
            double before = used;
            used = disk.space(path).used();
            if (before < warnAt && used >= warnAt) {
                log.warn(
                        "the disk of {} is {} % full; from {} % on nothing more is taken",
                        path, percent(used), percent(refuseAt));
            }
        }
        return used;
    }

    /** Passes while there is room, else throws {@link DiskRefusal#DISK_FULL}. */
    public void admit() {
        double now = used();
        if (now >= refuseAt) {
            throw DiskRefusal.DISK_FULL
                    .because(path.getFileName(), percent(now), percent(refuseAt))
                    .retryAfter(RETRY);
        }
    }

    private static int percent(double part) {
        return (int) (part * 100);
    }
}
