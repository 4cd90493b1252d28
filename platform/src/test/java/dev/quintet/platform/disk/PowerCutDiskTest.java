package dev.quintet.platform.disk;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PowerCutDiskTest {

    private static final long SEED = 1;

    @TempDir private Path folder;
    private final LocalDisk real = new LocalDisk(1);

    @BeforeEach
    void makeFolders() throws Exception {
        Files.createDirectory(folder.resolve("live"));
        Files.createDirectory(folder.resolve("scratch"));
    }

    @AfterEach
    void close() {
        real.close();
    }

    @Test
    void a_replaced_file_holds_the_old_content_or_the_new_and_never_a_mixture() throws Exception {
        Path file = live("setting");
        Files.writeString(file, "old");
        PowerCutDisk disk = disk();
        disk.replace(file, "newer".getBytes(US_ASCII));
        Set<String> seen = new TreeSet<>();
        cuts(disk).replay((root, told) -> seen.add(Files.readString(root.resolve("setting"))));
        assertThat(seen).containsExactly("newer", "old");
    }

    @Test
    void unforced_bytes_may_be_missing_torn_or_zero_and_an_unforced_name_may_be_gone()
            throws Exception {
        PowerCutDisk disk = disk();
        try (OpenFile file = disk.create(live("f"))) {
            file.write(0, ByteBuffer.wrap("ab".getBytes(US_ASCII)));
        }
        Set<String> seen = new TreeSet<>();
        cuts(disk)
                .replay((root, told) -> {
                    Path file = root.resolve("f");
                    seen.add(Files.exists(file) ? Files.readString(file) : "gone");
                });
        assertThat(seen).containsExactlyInAnyOrder("gone", "", "\0\0", "a\0", "\0b", "ab");
    }

    @Test
    void a_rename_into_another_folder_never_loses_the_file() throws Exception {
        Files.createDirectory(live("in"));
        Files.createDirectory(live("out"));
        Files.writeString(live("in/f"), "whole");
        PowerCutDisk disk = disk();
        disk.rename(live("in/f"), live("out/f"));
        Set<Boolean> moved = new TreeSet<>();
        cuts(disk)
                .replay((root, told) -> {
                    Path target = root.resolve("out/f");
                    moved.add(Files.exists(target));
                    Path found = Files.exists(target) ? target : root.resolve("in/f");
                    assertThat(Files.readString(found)).isEqualTo("whole");
                });
        assertThat(moved).containsExactly(false, true);
    }

    @Test
    void a_file_that_another_writer_staged_holds_once_file_and_folder_are_forced()
            throws Exception {
        PowerCutDisk disk = stage();
        disk.forceFile(live("staging/part.parquet"));
        disk.forceFolder(live("staging"));
        disk.note("committed");
        cuts(disk).replay(PowerCutDiskTest::requirePart);
    }

    @Test
    void a_commit_before_the_staged_file_is_forced_is_noticed() throws Exception {
        PowerCutDisk disk = stage();
        disk.note("committed");
        disk.forceFile(live("staging/part.parquet"));
        disk.forceFolder(live("staging"));
        assertThatThrownBy(() -> cuts(disk).replay(PowerCutDiskTest::requirePart))
                .hasMessageContaining("power cut after step");
        PowerCutDisk folderOnly = disk();
        Files.writeString(live("staging/part.parquet"), "PAR1 other rows PAR1");
        folderOnly.forceFolder(live("staging"));
        folderOnly.note("committed");
        assertThatThrownBy(() -> cuts(folderOnly).replay(PowerCutDiskTest::requirePart))
                .hasMessageContaining("power cut after step");
    }

    private PowerCutDisk stage() throws Exception {
        PowerCutDisk disk = disk();
        disk.createFolders(live("staging"));
        Files.writeString(live("staging/part.parquet"), "PAR1 rows PAR1");
        return disk;
    }

    private static void requirePart(Path root, java.util.List<Object> told) throws Exception {
        if (told.contains("committed")) {
            assertThat(root.resolve("staging/part.parquet")).content().isEqualTo("PAR1 rows PAR1");
        }
    }

    private Path live(String name) {
        return folder.resolve("live").resolve(name);
    }

    private PowerCutDisk disk() {
        return new PowerCutDisk(real, folder.resolve("live"), SEED);
    }

    private PowerCuts cuts(PowerCutDisk disk) {
        return new PowerCuts(disk, folder.resolve("scratch"), SEED);
    }
}
