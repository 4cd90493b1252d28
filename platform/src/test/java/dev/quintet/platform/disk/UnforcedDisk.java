package dev.quintet.platform.disk;

import java.nio.file.Path;

/** The machine's disk, never forced: fast, and good for states that no power cut will follow. */
public final class UnforcedDisk extends ForwardingDisk {

    public UnforcedDisk(Disk inner) {
        super(inner);
    }

    @Override
    protected OpenFile wrap(OpenFile file) {
        return new ForwardingFile(file) {
            @Override
            public void force() {
                // Left to the kernel.
            }
        };
    }

    @Override
    public void forceFile(Path file) {
        // Left to the kernel.
    }

    @Override
    public void forceFolder(Path folder) {
        // Left to the kernel.
    }
}
