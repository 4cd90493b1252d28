package dev.quintet.platform.disk;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;

/** A disk that a test fills, breaks, or lets hang, and mends again. */
public final class TroubledDisk extends ForwardingDisk {

    private volatile boolean full;
    private volatile boolean broken;
    private volatile CountDownLatch hanging = new CountDownLatch(0);

    public TroubledDisk(Disk inner) {
        super(inner);
    }

    /** No byte is free from now on. */
    public void fill() {
        full = true;
    }

    /** No force succeeds from now on. */
    public void breakDown() {
        broken = true;
    }

    /** No force ends from now on. */
    public void hang() {
        hanging = new CountDownLatch(1);
    }

    /** All is well again, also for who hangs. */
    public void mend() {
        full = false;
        broken = false;
        hanging.countDown();
    }

    @Override
    public Space space(Path path) {
        Space real = inner.space(path);
        // Whatever else this machine holds, a disk that is not full has room.
        return new Space(real.totalBytes(), full ? 0 : real.totalBytes());
    }

    @Override
    protected OpenFile wrap(OpenFile file) {
        return new ForwardingFile(file) {
            @Override
            public void force() {
                try {
                    hanging.await();
                } catch (InterruptedException e) {
                    throw new IllegalStateException("nobody interrupts a disk", e);
                }
                if (broken) {
                    throw new DiskFailed("force", path(), new IOException("planted"));
                }
                inner.force();
            }
        };
    }
}
