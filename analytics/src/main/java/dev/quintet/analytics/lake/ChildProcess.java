package dev.quintet.analytics.lake;

import dev.quintet.analytics.lake.ChildTalk.Ask;
import dev.quintet.analytics.lake.ChildTalk.Problem;
import dev.quintet.analytics.lake.ChildTalk.Reply;
import dev.quintet.platform.Deadline;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.security.CodeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;

/**
 * The server's end of one child: starts it, asks it one thing at a time, and ends it when it is
 * late or broken. One platform thread reads its pipe, since a blocked read would hold a virtual
 * thread's carrier.
 */
final class ChildProcess implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ChildProcess.class);

    private final Process process;
    private final String what;
    private final ErrorLines errors;
    private final DataOutputStream asks;
    // A killed process looks alive for a moment more.
    private volatile boolean closed;
    // Written by the reader thread; an empty frame says that the child has ended.
    private final BlockingQueue<Optional<byte[]>> replies = new LinkedBlockingQueue<>();

    /**
     * @param scratch its temporary folder; the caller empties it
     * @param memory how much it may take; above that it ends itself
     * @param what its name in sentences
     */
    ChildProcess(EngineFiles files, Path scratch, ChildMemory memory, String what) {
        this.what = what;
        try {
            this.process = new ProcessBuilder(command(files, scratch, memory)).start();
        } catch (IOException failed) {
            throw new EngineFailed(what + " could not be started: " + failed.getMessage(), failed);
        }
        this.asks = new DataOutputStream(process.getOutputStream());
        this.errors =
                new ErrorLines(
                        process.getErrorStream(),
                        "lake-child-errors-" + process.pid(),
                        line -> LOG.warn("{} (process {}): {}", what, process.pid(), line));
        Thread.ofPlatform().daemon().name("lake-child-" + process.pid()).start(this::takeReplies);
    }

    /** Waits until the child can work: its first reply says that DuckDB's library is loaded. */
    Reply awaitReady(Duration limit) {
        return reply(Deadline.in(limit));
    }

    /** The child's answer; one that is late or dead costs the child its life. */
    Reply ask(Ask ask, Deadline deadline) {
        CountDownLatch written = new CountDownLatch(1);
        // A child that hangs does not read: a large ask would wait in its pipe for ever.
        Thread.ofVirtual().name("lake-ask-" + pid()).start(() -> endUnless(written, deadline));
        try {
            Frames.write(asks, JsonMapper.shared().writeValueAsBytes(ask));
        } catch (IOException broken) {
            return deadline.passed() ? tooSlow() : ended();
        } finally {
            written.countDown();
        }
        return reply(deadline);
    }

    private void endUnless(CountDownLatch written, Deadline deadline) {
        try {
            if (!written.await(deadline.left().toMillis(), TimeUnit.MILLISECONDS)) {
                close();
            }
        } catch (InterruptedException interrupted) {
            throw new IllegalStateException("nobody interrupts the watch of an ask", interrupted);
        }
    }

    private static Reply tooSlow() {
        return LakeChild.failed(Problem.TOO_SLOW, "it did not end in time and was stopped");
    }

    private Reply reply(Deadline deadline) {
        try {
            Optional<byte[]> reply =
                    replies.poll(deadline.left().toMillis(), TimeUnit.MILLISECONDS);
            if (reply == null) {
                close();
                return tooSlow();
            }
            if (reply.isPresent()) {
                return JsonMapper.shared().readValue(reply.get(), Reply.class);
            }
            return ended();
        } catch (InterruptedException interrupted) {
            throw new IllegalStateException("nobody interrupts the thread of a query", interrupted);
        }
    }

    boolean alive() {
        return !closed && process.isAlive();
    }

    long pid() {
        return process.pid();
    }

    private Reply ended() {
        try {
            if (closed) {
                return LakeChild.failed(Problem.ENDED, what + " was stopped");
            }
            // What ends by itself keeps its own status.
            process.waitFor(1, TimeUnit.SECONDS);
            close();
            if (!process.waitFor(5, TimeUnit.SECONDS)) {
                return LakeChild.failed(Problem.ENDED, what + " does not end");
            }
            if (process.exitValue() == LakeChild.ENDED_FOR_MEMORY) {
                return LakeChild.failed(Problem.MEMORY, "it took more memory than a query may");
            }
            String last = errors.ofEnded();
            return LakeChild.failed(
                    Problem.ENDED,
                    what
                            + " ended with status "
                            + process.exitValue()
                            + (last.isEmpty()
                                    ? " and said nothing"
                                    : " and said at last: " + last));
        } catch (InterruptedException interrupted) {
            throw new IllegalStateException("nobody interrupts the thread of a query", interrupted);
        }
    }

    private void takeReplies() {
        var in = new DataInputStream(process.getInputStream());
        try {
            Optional<byte[]> reply = Frames.read(in);
            while (reply.isPresent()) {
                replies.add(reply);
                reply = Frames.read(in);
            }
        } catch (IOException ended) {
            // The empty frame below tells whoever waits.
        }
        replies.add(Optional.empty());
    }

    /** The child runs on the few jars that it needs: a short class path starts faster. */
    private static List<String> command(EngineFiles files, Path scratch, ChildMemory memory) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(
                List.of(
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-Xshare:auto",
                        "-Xmx" + memory.heap().bytes(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-Djava.io.tmpdir=" + scratch,
                        "-Djava.library.path=" + files.library(),
                        // What time it was must not depend on where the server stands.
                        "-Duser.timezone=UTC",
                        "-cp",
                        String.join(System.getProperty("path.separator"), classPath(files)),
                        LakeChild.class.getName(),
                        Long.toString(memory.whole().bytes())));
        return command;
    }

    private static Set<String> classPath(EngineFiles files) {
        Set<String> path = new LinkedHashSet<>();
        path.add(files.classes().toString());
        for (Class<?> needed :
                List.of(
                        LakeChild.class,
                        JsonMapper.class,
                        tools.jackson.core.JsonParser.class,
                        com.fasterxml.jackson.annotation.JsonProperty.class)) {
            CodeSource source = needed.getProtectionDomain().getCodeSource();
            path.add(Path.of(java.net.URI.create(source.getLocation().toString())).toString());
        }
        return path;
    }

    @Override
    public void close() {
        closed = true;
        process.destroyForcibly();
    }

    /** Waits for a killed process: it writes nothing any more, and the kernel has forgotten it. */
    void awaitEnd() {
        try {
            if (!process.waitFor(5, TimeUnit.SECONDS)) {
                LOG.warn("{} (process {}) was killed and does not end", what, process.pid());
            }
        } catch (InterruptedException interrupted) {
            throw new IllegalStateException("nobody interrupts the thread of a query", interrupted);
        }
    }
}
