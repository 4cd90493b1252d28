package dev.quintet.platform.disk;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;

/** The disk would not do what was asked: which step on which path. Never the caller's fault. */
public final class DiskFailed extends UncheckedIOException {

    private static final long serialVersionUID = 1L;

    public DiskFailed(String step, Path path, IOException cause) {
        super("could not " + step + " " + path + ": " + cause.getMessage(), cause);
    }
}
