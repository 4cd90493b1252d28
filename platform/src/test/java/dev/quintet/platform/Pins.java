package dev.quintet.platform;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import jdk.jfr.consumer.EventStream;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedFrame;
import jdk.jfr.consumer.RecordingStream;

/**
 * Listens for virtual threads that hold their carrier while they wait, longer than 20 ms and with a
 * frame of ours: each is printed, and closing fails when the same frame came five times. Carriers
 * are as few as there are cores; one that is held often stalls the whole server.
 */
public final class Pins implements AutoCloseable {

    private static final Duration LONG = Duration.ofMillis(20);
    private static final int OFTEN = 5;
    private static final String OURS = "dev.quintet.";

    private final EventStream stream;
    private final Map<String, Integer> times = new ConcurrentHashMap<>();

    private Pins(EventStream stream) {
        this.stream = stream;
        stream.onEvent("jdk.VirtualThreadPinned", this::pinned);
    }

    /** Of this JVM, from here to the close. */
    public static Pins watch() {
        RecordingStream stream = new RecordingStream();
        stream.enable("jdk.VirtualThreadPinned").withThreshold(LONG).withStackTrace();
        Pins pins = new Pins(stream);
        stream.startAsync();
        return pins;
    }

    /** Of another JVM, which recorded them into a file. */
    public static Pins recorded(Path file) throws IOException {
        Pins pins = new Pins(EventStream.openFile(file));
        pins.stream.start();
        return pins;
    }

    private void pinned(RecordedEvent event) {
        ourFrame(event)
                .ifPresent(frame -> {
                    System.out.println(
                            "PINNED for " + event.getDuration().toMillis() + " ms at " + frame);
                    times.merge(frame, 1, Integer::sum);
                });
    }

    private static Optional<String> ourFrame(RecordedEvent event) {
        List<RecordedFrame> frames =
                event.getStackTrace() == null ? List.of() : event.getStackTrace().getFrames();
        return frames.stream()
                .filter(frame -> frame.getMethod().getType().getName().startsWith(OURS))
                .findFirst()
                .map(frame ->
                        frame.getMethod().getType().getName()
                                + "."
                                + frame.getMethod().getName()
                                + ":"
                                + frame.getLineNumber());
    }

    /** Ends when all that happened before was looked at. */
    @Override
    public void close() {
        if (stream instanceof RecordingStream live) {
            live.stop();
        }
        stream.close();
        List<String> often =
                times.entrySet().stream()
                        .filter(each -> each.getValue() >= OFTEN)
                        .map(each -> each.getKey() + ", " + each.getValue() + " times")
                        .toList();
        if (!often.isEmpty()) {
            throw new AssertionError("virtual threads hold their carrier at " + often);
        }
    }
}
