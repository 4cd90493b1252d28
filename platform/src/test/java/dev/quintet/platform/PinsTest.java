package dev.quintet.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import jdk.jfr.Recording;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** That a planted pin is found: Java that waits below a native frame cannot leave its carrier. */
final class PinsTest {

    private static final Duration WAIT = Duration.ofMillis(60);

    @Test
    void the_same_frame_pinned_five_times_fails_and_is_named() {
        Pins pins = Pins.watch();
        for (int turn = 0; turn < 5; turn++) {
            inVirtualThread(PinsTest::sortNatively);
        }
        assertThatThrownBy(pins::close)
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("dev.quintet.platform.PinsTest.await");
    }

    @Test
    void pins_that_were_recorded_are_found_in_the_file(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("recorded.jfr");
        try (Recording recording = new Recording()) {
            recording.enable("jdk.VirtualThreadPinned").withStackTrace();
            recording.start();
            for (int turn = 0; turn < 5; turn++) {
                inVirtualThread(PinsTest::sortNatively);
            }
            recording.stop();
            recording.dump(file);
        }
        assertThatThrownBy(() -> Pins.recorded(file).close())
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("dev.quintet.platform.PinsTest.await");
    }

    @Test
    void waiting_as_usual_is_no_pin() {
        try (Pins _ = Pins.watch()) {
            for (int turn = 0; turn < 5; turn++) {
                inVirtualThread(PinsTest::await);
            }
        }
    }

    private static void inVirtualThread(Runnable work) {
        try {
            Thread.ofVirtual().start(work).join();
        } catch (InterruptedException e) {
            throw new IllegalStateException("nobody interrupts a test", e);
        }
    }

    /** qsort of C calls {@link #compare} back. */
    @SuppressWarnings("restricted") // what waits below a native frame is the point
    private static void sortNatively() {
        Linker linker = Linker.nativeLinker();
        try (Arena arena = Arena.ofConfined()) {
            MethodHandle sort =
                    linker.downcallHandle(
                            linker.defaultLookup().find("qsort").orElseThrow(),
                            FunctionDescriptor.ofVoid(
                                    ValueLayout.ADDRESS,
                                    ValueLayout.JAVA_LONG,
                                    ValueLayout.JAVA_LONG,
                                    ValueLayout.ADDRESS));
            MethodHandle compare =
                    MethodHandles.lookup()
                            .findStatic(
                                    PinsTest.class,
                                    "compare",
                                    MethodType.methodType(
                                            int.class, MemorySegment.class, MemorySegment.class));
            MemorySegment callback =
                    linker.upcallStub(
                            compare,
                            FunctionDescriptor.of(
                                    ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.ADDRESS),
                            arena);
            sort.invoke(arena.allocateFrom(ValueLayout.JAVA_INT, 2, 1), 2L, 4L, callback);
        } catch (Throwable failure) {
            throw new AssertionError(failure);
        }
    }

    @SuppressWarnings("UnusedMethod") // qsort calls it by its handle
    private static int compare(MemorySegment one, MemorySegment other) {
        assertThat(one).isNotEqualTo(other);
        await();
        return 0;
    }

    private static void await() {
        Deadline end = Deadline.in(WAIT);
        while (!end.passed()) {
            LockSupport.parkNanos(end.left().toNanos());
        }
    }
}
