package dev.quintet.analytics.lake;

import dev.quintet.platform.DataSize;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/** A real engine that dies of certain words among the rows that it is to write. */
public final class PoisonedEngine implements LoaderEngine {

    private static final Pattern INPUT = Pattern.compile("read_json\\('([^']+)'");

    private final LoaderEngine real;
    private final Pattern poison;
    private int deaths;

    private PoisonedEngine(LoaderEngine real, Pattern poison) {
        this.real = real;
        this.poison = poison;
    }

    public static LakeWriter writer(Lake lake, Path scratch, DataSize memory, String poison) {
        LoaderEngine real =
                LoaderEngine.inChild(
                        lake.disk(),
                        TestEngine.FILES,
                        scratch,
                        memory,
                        new Doubling(Duration.ofMinutes(1), Duration.ofMinutes(1)));
        return new LakeWriter(lake, new PoisonedEngine(real, Pattern.compile(poison)));
    }

    @Override
    public List<List<JsonNode>> run(String sql) {
        Matcher input = INPUT.matcher(sql);
        if (input.find() && poison.matcher(content(Path.of(input.group(1)))).find()) {
            deaths++;
            throw new EngineFailed("planted: death " + deaths);
        }
        return real.run(sql);
    }

    private static String content(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    @Override
    public void stopIdle(Duration unused) {
        real.stopIdle(unused);
    }

    @Override
    public void close() {
        real.close();
    }
}
