package dev.quintet.analytics.lake;

import dev.quintet.analytics.lake.ChildTalk.Ask;
import dev.quintet.analytics.lake.ChildTalk.Failure;
import dev.quintet.analytics.lake.ChildTalk.Problem;
import dev.quintet.analytics.lake.ChildTalk.Reply;
import dev.quintet.platform.DataSize;
import dev.quintet.platform.disk.Disk;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** What runs the statements of a {@link LakeWriter}, one at a time. */
interface LoaderEngine extends AutoCloseable {

    Duration STATEMENT = Duration.ofMinutes(2);

    /** The rows of a statement; throws when it fails, whoever is to blame. */
    List<List<JsonNode>> run(String sql);

    void stopIdle(Duration unused);

    @Override
    void close();

    /** A child process of its own. */
    static LoaderEngine inChild(
            Disk disk, EngineFiles files, Path scratch, DataSize memory, Doubling startLimit) {
        Children children =
                new Children(
                        disk,
                        files,
                        scratch,
                        1,
                        ChildMemory.ofLoader(memory),
                        "the loader's engine",
                        startLimit);
        return new LoaderEngine() {
            @Override
            public List<List<JsonNode>> run(String sql) {
                Reply reply = children.ask(ask(sql, memory), STATEMENT);
                for (Failure failure : reply.failures()) {
                    throw failure.problem() == Problem.ENDED
                            ? new EngineFailed(failure.message())
                            : new IllegalStateException(
                                    "the loader's engine failed: " + failure.message());
                }
                return reply.rows();
            }

            @Override
            public void stopIdle(Duration unused) {
                children.stopIdle(unused);
            }

            @Override
            public void close() {
                children.close();
            }
        };
    }

    private static Ask ask(String sql, DataSize memory) {
        return new Ask(
                sql,
                LakeTable.EVENTS,
                List.of(),
                false,
                1_000_000,
                Frames.MAX_BYTES,
                memory.bytes() + "B",
                0,
                2);
    }
}
