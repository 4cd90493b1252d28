package dev.quintet.files;

import static dev.quintet.files.Samples.bytes;
import static dev.quintet.files.Samples.header;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quintet.platform.DataSize;
import dev.quintet.platform.blobs.BlobId;
import dev.quintet.platform.blobs.Blobs;
import dev.quintet.platform.blobs.LocalBlobs;
import dev.quintet.platform.disk.Disk;
import dev.quintet.platform.disk.DiskMutants;
import dev.quintet.platform.disk.LocalDisk;
import dev.quintet.platform.disk.PowerCutDisk;
import dev.quintet.platform.disk.PowerCuts;
import dev.quintet.platform.disk.UnforcedDisk;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whatever offset HEAD and PATCH have answered, it is there after a power cut at any later point.
 */
class DurableOffsetTest {

    // Short, so that one small upload is forced several times.
    private static final DataSize STRETCH = new DataSize(64);

    private record Told(BlobId blob, long offset) {}

    @TempDir private Path folder = Path.of("target");

    @Test
    void an_answered_offset_holds_after_a_power_cut_at_any_point() throws IOException {
        assertThat(run(System.nanoTime(), UnaryOperator.identity())).isGreaterThan(50);
    }

    @Test
    void the_test_notices_an_offset_that_was_answered_before_its_force() {
        assertThatThrownBy(() -> run(7, DiskMutants::answerBeforeForce))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("power cut after step");
    }

    private int run(long seed, UnaryOperator<Disk> fault) throws IOException {
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        Path root = java.nio.file.Files.createDirectory(folder.resolve("live"));
        LocalDisk real = new LocalDisk(1);
        PowerCutDisk disk = new PowerCutDisk(real, root, seed);
        LocalBlobs blobs = FilesNode.blobs(fault.apply(disk), root, STRETCH);
        byte[] all = bytes(seed, 300);
        try (Samples it = new Samples(blobs)) {
            String path = it.open("ada", all.length, "");
            BlobId blob = it.blob(path);
            for (int at = 0; at < all.length; ) {
                int end = Math.min(all.length, at + 1 + random.nextInt(150));
                var answer =
                        it.append("ada", path, at, java.util.Arrays.copyOfRange(all, at, end))
                                .gives(204);
                disk.note(new Told(blob, Long.parseLong(header(answer, "upload-offset"))));
                var head = it.call("HEAD", path).as("ada").tus().gives(200);
                disk.note(new Told(blob, Long.parseLong(header(head, "upload-offset"))));
                at = end;
            }
        }
        Path scratch = java.nio.file.Files.createDirectory(folder.resolve("scratch"));
        return new PowerCuts(disk, scratch, seed)
                .replay((state, told) -> check(real, state, told, all));
    }

    private static void check(LocalDisk real, Path state, List<Object> told, byte[] all)
            throws IOException {
        Blobs after = FilesNode.blobs(new UnforcedDisk(real), state, STRETCH);
        for (Object note : told) {
            if (note instanceof Told(BlobId blob, long offset)) {
                assertThat(after.receive(blob).offset()).isGreaterThanOrEqualTo(offset);
                if (after.size(blob).isPresent()) {
                    try (var content = after.read(blob, 0, offset)) {
                        assertThat(content.stream().readAllBytes())
                                .isEqualTo(java.util.Arrays.copyOf(all, (int) offset));
                    }
                }
            }
        }
    }
}
