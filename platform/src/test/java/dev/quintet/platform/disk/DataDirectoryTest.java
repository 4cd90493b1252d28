package dev.quintet.platform.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quintet.platform.Ids;
import dev.quintet.platform.Refused;
import dev.quintet.platform.StartRefused;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DataDirectoryTest {

    @TempDir private Path folder;
    private final LocalDisk disk = new LocalDisk(1);

    @AfterEach
    void close() {
        disk.close();
    }

    @Test
    void a_new_directory_gets_a_format_and_a_node_that_stays() throws Exception {
        Path root = folder.resolve("some/where/data");
        UUID node;
        try (DataDirectory directory = open(root)) {
            node = directory.node();
            assertThat(directory.folder("blobs")).isDirectory();
        }
        assertThat(Files.readString(root.resolve("format"))).isEqualTo("1\n");
        try (DataDirectory directory = open(root)) {
            assertThat(directory.node()).isEqualTo(node);
        }
    }

    @Test
    void two_servers_never_share_one() {
        try (DataDirectory _ = open(folder)) {
            assertThatThrownBy(() -> open(folder))
                    .isInstanceOf(StartRefused.class)
                    .hasMessageContaining("process " + ProcessHandle.current().pid());
        }
        open(folder).close();
    }

    @Test
    void a_newer_format_and_a_foreign_folder_are_refused_in_one_sentence() throws Exception {
        Path newer = Files.createDirectory(folder.resolve("newer"));
        Files.writeString(newer.resolve("format"), "2\n");
        assertThatThrownBy(() -> open(newer))
                .isInstanceOf(StartRefused.class)
                .hasMessageContaining("format 2 of a newer release, this one knows 1");
        Path foreign = Files.createDirectory(folder.resolve("foreign"));
        Files.writeString(foreign.resolve("thesis.tex"), "");
        assertThatThrownBy(() -> open(foreign))
                .isInstanceOf(StartRefused.class)
                .hasMessageContaining("is not a data directory")
                .hasMessageContaining("thesis.tex");
        assertThat(foreign.resolve("format")).doesNotExist();
    }

    @Test
    void a_full_disk_is_refused_before_it_is_full() {
        double used = disk.space(folder).used();
        assertThat(used).isBetween(0.0, 1.0);
        new DiskGuard(disk, folder, 1, 1).admit();
        assertThatThrownBy(() -> new DiskGuard(disk, folder, used / 2, used / 2).admit())
                .isInstanceOfSatisfying(
                        Refused.class,
                        refused -> {
                            assertThat(refused.refusal()).isEqualTo(DiskRefusal.DISK_FULL);
                            assertThat(refused.headers()).containsKey("Retry-After");
                        });
    }

    private DataDirectory open(Path root) {
        return DataDirectory.open(disk, root, new Ids(InstantSource.system(), new SecureRandom()));
    }
}
