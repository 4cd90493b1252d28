package dev.quintet.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Random;
import java.util.stream.DoubleStream;

/** What the disk below can do with plain writes and forces: the limit of all that is durable. */
final class RawDisk {

    private final Path folder;

    RawDisk(Path folder) {
        this.folder = folder;
    }

    /** Appends of the given size, each forced, per second; measured so many times. */
    Spread forces(int bytes, int times, Duration during) {
        return new Spread(
                DoubleStream.generate(() -> forces(bytes, during)).limit(times).toArray());
    }

    private double forces(int bytes, Duration during) {
        return with(file -> {
            ByteBuffer piece = noise(bytes);
            long began = System.nanoTime();
            int forces = 0;
            while (System.nanoTime() - began < during.toNanos()) {
                writeAll(file, piece.clear());
                file.force(false);
                forces++;
            }
            return forces / seconds(began);
        });
    }

    /** Seconds to write so many bytes one after the other and to force them once. */
    double stream(long bytes) {
        return with(file -> {
            ByteBuffer piece = noise(128 * 1024);
            long began = System.nanoTime();
            for (long at = 0; at < bytes; at += piece.capacity()) {
                writeAll(file, piece.clear());
            }
            file.force(false);
            return seconds(began);
        });
    }

    // Zeros are cheaper than data on some disks.
    private static ByteBuffer noise(int bytes) {
        byte[] noise = new byte[bytes];
        new Random(bytes).nextBytes(noise);
        return ByteBuffer.allocateDirect(bytes).put(noise);
    }

    private interface Work {
        double on(FileChannel file) throws IOException;
    }

    private double with(Work work) {
        try {
            Files.createDirectories(folder);
            Path path = Files.createTempFile(folder, "raw", ".bin");
            try (FileChannel file = FileChannel.open(path, StandardOpenOption.WRITE)) {
                return work.on(file);
            } finally {
                Files.delete(path);
            }
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private static void writeAll(FileChannel file, ByteBuffer piece) throws IOException {
        while (piece.hasRemaining()) {
            file.write(piece);
        }
    }

    private static double seconds(long began) {
        return (System.nanoTime() - began) / 1e9;
    }
}
