package dev.quintet.platform.blobs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quintet.platform.DataSize;
import dev.quintet.platform.Ids;
import dev.quintet.platform.disk.DiskGuard;
import dev.quintet.platform.disk.LocalDisk;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LocalBlobsTest extends BlobsContract {

    @TempDir private Path folder;
    private final LocalDisk disk = new LocalDisk(2);
    private Optional<Blobs> open = Optional.empty();

    @AfterEach
    void close() {
        disk.close();
    }

    @Override
    protected Blobs blobs() {
        return open.orElseGet(this::reopened);
    }

    @Override
    protected Blobs reopened() {
        Blobs blobs =
                new LocalBlobs(
                        disk,
                        folder.resolve("blobs"),
                        new Ids(InstantSource.system(), new SecureRandom()),
                        new DiskGuard(disk, folder, 1, 1),
                        DataSize.mebibytes(1));
        open = Optional.of(blobs);
        return blobs;
    }

    @Test
    void a_part_is_a_region_of_a_file_that_can_be_sent_without_copying() throws Exception {
        BlobId id = blobs().store(stream(new byte[] {1, 2, 3, 4}));
        try (BlobContent content = blobs().read(id, 1, 2)) {
            BlobContent.Region region = content.region().orElseThrow();
            assertThat(Files.readAllBytes(region.file())).containsExactly(1, 2, 3, 4);
            assertThat(region.offset()).isEqualTo(1);
            assertThat(region.length()).isEqualTo(2);
        }
    }
}
