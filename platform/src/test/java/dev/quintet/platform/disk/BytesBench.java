package dev.quintet.platform.disk;

import dev.quintet.platform.Ids;
import dev.quintet.platform.blobs.Blobs;
import dev.quintet.platform.blobs.LocalBlobs;
import dev.quintet.platform.blobs.Receiving;
import dev.quintet.platform.log.EventLog;
import dev.quintet.platform.log.LocalEventLog;
import dev.quintet.platform.log.LogRecord;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Durable appends of the event log and one blob's stream, each beside the plain way to do the same
 * on this disk in the same run. Started by hand: {@code java -cp ... BytesBench FOLDER}.
 */
final class BytesBench {

    private static final int WRITERS = 50;
    private static final int BATCH = 40 * 1024;
    private static final Duration FOR = Duration.ofSeconds(5);
    private static final long BLOB = 1L << 30;

    private BytesBench() {}

    public static void main(String[] arguments) throws Exception {
        Path folder = Files.createTempDirectory(Path.of(arguments[0]).toAbsolutePath(), "bench");
        try (LocalDisk disk = new LocalDisk(4)) {
            for (int round = 0; round < 2; round++) {
                plainForces(disk, folder, 0);
                plainForces(disk, folder, 128L << 20);
                log(disk, folder.resolve("log" + round));
                plainStream(disk, folder);
                blob(disk, folder);
            }
        }
    }

    /**
     * One thread, one write of as much as 50 writers bring, one force: what group commit can reach.
     */
    private static void plainForces(Disk disk, Path folder, long preallocated) {
        Path path = folder.resolve("plain");
        try (OpenFile file = disk.create(path)) {
            ByteBuffer zeros = ByteBuffer.allocate(1 << 20);
            for (long at = 0; at < preallocated; at += zeros.capacity()) {
                file.write(at, zeros.clear());
            }
            file.force();
            ByteBuffer bytes = ByteBuffer.allocateDirect(WRITERS * BATCH);
            long start = System.nanoTime();
            int forces = 0;
            while (System.nanoTime() - start < FOR.toNanos() / 2) {
                long at = (long) forces * bytes.capacity();
                file.write(preallocated == 0 ? at : at % preallocated, bytes.clear());
                file.force();
                forces++;
            }
            double seconds = (System.nanoTime() - start) / 1e9;
            System.out.printf(
                    "plain %d KiB + force, %d MiB preallocated: %.0f forces/s, %.0f batches/s%n",
                    bytes.capacity() >> 10,
                    preallocated >> 20,
                    forces / seconds,
                    forces * WRITERS / seconds);
        }
        disk.delete(path);
    }

    private static void log(Disk disk, Path folder) {
        DiskGuard guard = DiskGuard.of(disk, folder.resolveSibling("."));
        AtomicLong appended = new AtomicLong();
        long[] waits = new long[1 << 20];
        long start = System.nanoTime();
        try (EventLog log = new LocalEventLog(disk, folder, LocalEventLog.Bounds.DEFAULT, guard);
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < WRITERS; i++) {
                threads.execute(() -> appendFor(log, start, appended, waits));
            }
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        int count = appended.intValue();
        Arrays.sort(waits, 0, count);
        System.out.printf(
                "event log, %d writers of %d KiB: %.0f durable batches/s, %.0f MiB/s, p50 %.1f ms, p99 %.1f ms%n",
                WRITERS,
                BATCH >> 10,
                count / seconds,
                count / seconds * BATCH / (1 << 20),
                waits[count / 2] / 1e6,
                waits[(int) (count * 0.99)] / 1e6);
    }

    private static void appendFor(EventLog log, long start, AtomicLong appended, long[] waits) {
        ByteBuffer body = ByteBuffer.allocate(BATCH);
        UUID source = UUID.randomUUID();
        while (System.nanoTime() - start < FOR.toNanos()) {
            long before = System.nanoTime();
            log.append(new LogRecord(Instant.EPOCH, source, 0, ByteBuffer.allocate(0), body));
            waits[Math.toIntExact(appended.getAndIncrement())] = System.nanoTime() - before;
        }
    }

    private static void plainStream(Disk disk, Path folder) {
        Path path = folder.resolve("plain");
        long start = System.nanoTime();
        try (OpenFile file = disk.create(path)) {
            ByteBuffer bytes = ByteBuffer.allocate(128 * 1024);
            for (long at = 0; at < BLOB; at += bytes.capacity()) {
                file.write(at, bytes.clear());
            }
            file.force();
        }
        rate("plain write of 1 GiB, one force", start);
        disk.delete(path);
    }

    private static void blob(Disk disk, Path folder) throws IOException {
        Ids ids = new Ids(InstantSource.system(), new SecureRandom());
        DiskGuard guard = DiskGuard.of(disk, folder);
        Blobs blobs = new LocalBlobs(disk, folder.resolve("blobs"), ids, guard, LocalBlobs.STRETCH);
        long start = System.nanoTime();
        Receiving receiving = blobs.begin();
        receiving.append(0, new Zeros(BLOB));
        receiving.commit();
        rate("blob of 1 GiB, append + commit, forced every 16 MiB", start);
        blobs.drop(receiving.id());
    }

    private static void rate(String what, long start) {
        double seconds = (System.nanoTime() - start) / 1e9;
        System.out.printf("%s: %.0f MiB/s%n", what, (BLOB >> 20) / seconds);
    }

    private static final class Zeros extends InputStream {

        private long left;

        Zeros(long length) {
            left = length;
        }

        @Override
        public int read() {
            return left-- > 0 ? 0 : -1;
        }

        @Override
        public int read(byte[] target, int from, int length) {
            int read = (int) Math.min(left, length);
            left -= read;
            return read == 0 ? -1 : read;
        }
    }
}
