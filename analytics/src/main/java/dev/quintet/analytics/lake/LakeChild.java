package dev.quintet.analytics.lake;

import dev.quintet.analytics.lake.ChildTalk.Ask;
import dev.quintet.analytics.lake.ChildTalk.Failure;
import dev.quintet.analytics.lake.ChildTalk.Problem;
import dev.quintet.analytics.lake.ChildTalk.Reply;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import tools.jackson.databind.json.JsonMapper;

/**
 * The child process that holds DuckDB: answers one request after the other until its parent is gone
 * or asks no more. It owns nothing that must outlive it.
 */
public final class LakeChild {

    /** Ends with this status when it took more memory than it was given. */
    static final int ENDED_FOR_MEMORY = 77;

    private static final long PAGE_BYTES = 4096;

    private LakeChild() {}

    /**
     * @param arguments the memory of its own, in bytes, above which it ends itself
     */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        var out = new DataOutputStream(new FileOutputStream(FileDescriptor.out));
        // What a native library prints must not fall between two frames.
        System.setOut(System.err);
        BlockingQueue<byte[]> asks = new ArrayBlockingQueue<>(1);
        daemon("asks", () -> takeAsks(asks));
        daemon("memory", () -> endAbove(Long.parseLong(arguments[0])));
        var json = JsonMapper.shared();
        try (var statements = new Statements()) {
            Frames.write(out, json.writeValueAsBytes(Statements.loadLibrary()));
            while (true) {
                Ask ask = json.readValue(asks.take(), Ask.class);
                Frames.write(out, json.writeValueAsBytes(reply(statements, ask)));
            }
        }
    }

    private static Reply reply(Statements statements, Ask ask) {
        try {
            return ask.guarded() ? Statements.runGuarded(ask) : statements.run(ask);
        } catch (OutOfMemoryError tooLarge) {
            return failed(
                    Problem.TOO_LARGE, "one value of the answer is larger than the answer may be");
        }
    }

    static Reply failed(Problem problem, String message) {
        return new Reply(List.of(), List.of(), false, List.of(new Failure(problem, message)));
    }

    /**
     * The parent's end closes our input, also in the middle of a statement: no orphan stays behind.
     */
    private static void takeAsks(BlockingQueue<byte[]> asks) {
        var in = new DataInputStream(System.in);
        try {
            Optional<byte[]> frame = Frames.read(in);
            while (frame.isPresent()) {
                asks.put(frame.get());
                frame = Frames.read(in);
            }
        } catch (IOException | InterruptedException broken) {
            System.err.println("the server's pipe broke: " + broken.getMessage());
        }
        Runtime.getRuntime().halt(0);
    }

    /**
     * DuckDB counts its buffers only; a single huge string passes its limit by (checked on 2.0).
     * What is shared (proc(5): pages of files) is not this process's own.
     */
    private static void endAbove(long bytes) {
        Path statm = Path.of("/proc/self/statm");
        try {
            while (Files.exists(statm)) {
                String[] pages = Files.readString(statm).split(" ", 4);
                long own = Long.parseLong(pages[1]) - Long.parseLong(pages[2]);
                if (own * PAGE_BYTES > bytes) {
                    Runtime.getRuntime().halt(ENDED_FOR_MEMORY);
                }
                Thread.sleep(20);
            }
        } catch (IOException | InterruptedException unreadable) {
            System.err.println("memory is no longer watched: " + unreadable.getMessage());
        }
    }

    private static void daemon(String name, Runnable work) {
        Thread.ofPlatform().daemon().name(name).start(work);
    }
}
