package dev.quintet.analytics.lake;

import dev.quintet.platform.disk.LocalDisk;
import java.nio.file.Path;

/** DuckDB's files, unpacked once for all tests of the module. */
public final class TestEngine {

    public static final EngineFiles FILES =
            new EngineFiles(new LocalDisk(1), Path.of("target", "engine").toAbsolutePath());

    private TestEngine() {}
}
