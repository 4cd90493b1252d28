package dev.quintet.platform.disk;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Queue;

/** Disks that break one rule each. A power-cut test that passes on one of them proves nothing. */
public final class DiskMutants {

    private DiskMutants() {}

    /** Never forces a file. */
    public static Disk noFileForce(Disk inner) {
        return new ForwardingDisk(inner) {
            @Override
            protected OpenFile wrap(OpenFile file) {
                return new ForwardingFile(file) {
                    @Override
                    public void force() {
                        // The planted fault.
                    }
                };
            }

            @Override
            public void forceFile(Path file) {
                // The planted fault.
            }
        };
    }

    /** Never forces a folder. */
    public static Disk noFolderForce(Disk inner) {
        return new ForwardingDisk(inner) {
            @Override
            public void forceFolder(Path folder) {
                // The planted fault.
            }
        };
    }

    /**
     * Answers a force at once, and does it before the next step: whoever asked has answered too.
     */
    public static Disk answerBeforeForce(Disk inner) {
        return new Late(inner, false);
    }

    /** Does the forces that come before a rename after it. */
    public static Disk renameBeforeForce(Disk inner) {
        return new Late(inner, true);
    }

    private static final class Late extends ForwardingDisk {

        private final Queue<Runnable> late = new ArrayDeque<>();
        private final boolean untilRename;

        Late(Disk inner, boolean untilRename) {
            super(inner);
            this.untilRename = untilRename;
        }

        private synchronized void postpone(Runnable force) {
            late.add(force);
        }

        private synchronized void catchUp() {
            while (!late.isEmpty()) {
                late.remove().run();
            }
        }

        private void before() {
            if (!untilRename) {
                catchUp();
            }
        }

        @Override
        protected OpenFile wrap(OpenFile file) {
            return new ForwardingFile(file) {
                @Override
                public void write(long position, ByteBuffer... sources) {
                    before();
                    super.write(position, sources);
                }

                @Override
                public void force() {
                    before();
                    postpone(inner::force);
                }

                @Override
                public void close() {
                    // Stays open for its late force; a test has few files.
                    before();
                }
            };
        }

        @Override
        public OpenFile create(Path file) {
            before();
            return super.create(file);
        }

        @Override
        public void rename(Path from, Path to) {
            before();
            super.rename(from, to);
            if (untilRename) {
                catchUp();
            }
        }

        @Override
        public void forceFolder(Path folder) {
            before();
            if (untilRename) {
                super.forceFolder(folder);
            } else {
                postpone(() -> super.forceFolder(folder));
            }
        }
    }
}
