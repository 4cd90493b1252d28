package dev.quintet.platform.blobs;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quintet.platform.DataSize;
import dev.quintet.platform.Ids;
import dev.quintet.platform.disk.Disk;
import dev.quintet.platform.disk.DiskGuard;
import dev.quintet.platform.disk.DiskMutants;
import dev.quintet.platform.disk.LocalDisk;
import dev.quintet.platform.disk.PowerCutDisk;
import dev.quintet.platform.disk.PowerCuts;
import dev.quintet.platform.disk.UnforcedDisk;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Cuts the power at every point of blobs' lives; no offset and no commit that was told is lost. */
final class BlobsPowerCutTest {

    @TempDir private Path folder;
    private final LocalDisk real = new LocalDisk(1);
    private final long seed = System.nanoTime();

    // What is sent under each id that the test knows before anything is stored.
    private final Map<BlobId, byte[]> bodies = new LinkedHashMap<>();
    private final byte[] oneGo = body('s', 70);

    @AfterEach
    void close() {
        real.close();
    }

    @Test
    void offsets_and_commits_that_were_told_hold_after_a_cut_at_any_point() throws Exception {
        assertThat(run(UnaryOperator.identity())).isGreaterThan(200);
    }

    @Test
    void a_second_cut_while_senders_resume_loses_nothing_either() throws Exception {
        System.out.println("seed " + seed);
        Path root = Files.createDirectory(folder.resolve("live"));
        PowerCutDisk disk = new PowerCutDisk(real, root, seed);
        Receiving open = begin(open(disk, root), body('d', 50));
        append(disk, open, 0, 30);
        open.commit();
        Path scratch = Files.createDirectory(folder.resolve("scratch"));
        Path second = Files.createDirectory(folder.resolve("second"));
        new PowerCuts(disk, scratch, seed).replay((state, told) -> cutAgain(state, told, second));
    }

    private void cutAgain(Path root, List<Object> told, Path scratch) throws IOException {
        PowerCutDisk disk = new PowerCutDisk(real, root, seed);
        told.forEach(disk::note);
        Blobs blobs = open(disk, root);
        for (BlobId id : bodies.keySet()) {
            Receiving receiving = blobs.receive(id);
            disk.note(new Offset(id, receiving.offset()));
            if (blobs.size(id).isEmpty()) {
                append(disk, receiving, Math.toIntExact(receiving.offset()), 50);
            }
        }
        new PowerCuts(disk, scratch, seed).replay(this::checkSecond);
    }

    private void checkSecond(Path root, List<Object> told) throws IOException {
        Blobs blobs = open(new UnforcedDisk(real), root);
        for (Object note : told) {
            if (note instanceof Offset(BlobId id, long offset)) {
                assertThat(blobs.receive(id).offset()).isGreaterThanOrEqualTo(offset);
                byte[] whole = bodies.getOrDefault(id, new byte[0]);
                byte[] found = content(blobs, blobs.receive(id).commit());
                assertThat(found).isEqualTo(Arrays.copyOf(whole, found.length));
            }
        }
    }

    @Test
    void the_test_notices_a_missing_file_force() {
        assertCaught(DiskMutants::noFileForce);
    }

    @Test
    void the_test_notices_a_missing_folder_force() {
        assertCaught(DiskMutants::noFolderForce);
    }

    @Test
    void the_test_notices_an_answer_before_the_force() {
        assertCaught(DiskMutants::answerBeforeForce);
    }

    @Test
    void the_test_notices_a_rename_before_the_force() {
        assertCaught(DiskMutants::renameBeforeForce);
    }

    private void assertCaught(UnaryOperator<Disk> fault) {
        assertThatThrownBy(() -> run(fault))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("power cut after step");
    }

    private int run(UnaryOperator<Disk> fault) throws Exception {
        System.out.println("seed " + seed);
        Path root = Files.createDirectory(folder.resolve("live"));
        PowerCutDisk disk = new PowerCutDisk(real, root, seed);
        live(disk, open(fault.apply(disk), root));
        Path scratch = Files.createDirectory(folder.resolve("scratch"));
        return new PowerCuts(disk, scratch, seed).replay(this::check);
    }

    private void live(PowerCutDisk disk, Blobs blobs) throws IOException {
        BlobId stored = blobs.store(stream(oneGo));
        disk.note(new Committed(stored));

        Receiving first = begin(blobs, body('a', 90));
        append(disk, first, 0, 40);
        append(disk, first, 40, 90);
        disk.note(new Committed(first.commit()));

        Receiving open = begin(blobs, body('b', 60));
        append(disk, open, 0, 25);
        cutOff(disk, open, 25, 45);

        Receiving aborted = begin(blobs, body('c', 30));
        append(disk, aborted, 0, 10);
        disk.note(new Gone(aborted.id()));
        aborted.abort();

        disk.note(new Gone(stored));
        blobs.drop(stored);
        append(disk, open, 45, 60);
        disk.note(new Committed(open.commit()));
    }

    private Receiving begin(Blobs blobs, byte[] body) {
        Receiving receiving = blobs.begin();
        bodies.put(receiving.id(), body);
        return receiving;
    }

    private void append(PowerCutDisk disk, Receiving receiving, int from, int to)
            throws IOException {
        long offset = receiving.append(from, part(receiving.id(), from, to));
        disk.note(new Offset(receiving.id(), offset));
    }

    private void cutOff(PowerCutDisk disk, Receiving receiving, int from, int to) {
        InputStream broken =
                new SequenceInputStream(
                        part(receiving.id(), from, to),
                        new InputStream() {
                            @Override
                            public int read() throws IOException {
                                throw new IOException("the connection was cut");
                            }

                            @Override
                            public int read(byte[] target, int at, int length) throws IOException {
                                return read();
                            }
                        });
        assertThatThrownBy(() -> receiving.append(from, broken)).hasMessageContaining("cut");
        disk.note(new Offset(receiving.id(), receiving.offset()));
    }

    private void check(Path root, List<Object> told) throws IOException {
        Blobs blobs = open(new UnforcedDisk(real), root);
        for (Object note : told) {
            switch (note) {
                case Committed(BlobId id) when !told.contains(new Gone(id)) ->
                        assertWhole(blobs, id);
                case Offset(BlobId id, long offset) when !told.contains(new Gone(id)) ->
                        assertThat(blobs.receive(id).offset())
                                .as("offset of %s", id)
                                .isGreaterThanOrEqualTo(offset);
                default -> {}
            }
        }
        blobs.eachStored(seen -> assertWhole(blobs, seen.id()));
        for (Map.Entry<BlobId, byte[]> sent : bodies.entrySet()) {
            assertGoesOn(blobs, sent.getKey(), sent.getValue());
        }
    }

    /** What is found is never wrong bytes, whether anybody was told of it or not. */
    private void assertWhole(Blobs blobs, BlobId id) {
        byte[] found = content(blobs, id);
        assertThat(found).as("found %s", id).isEqualTo(bodies.getOrDefault(id, oneGo));
    }

    /** A sender that asks for the offset and sends the rest gets its body, not a mixture. */
    private static void assertGoesOn(Blobs blobs, BlobId id, byte[] body) throws IOException {
        Receiving receiving = blobs.receive(id);
        if (blobs.size(id).isEmpty()) {
            int offset = Math.toIntExact(receiving.offset());
            assertThat(offset).isLessThanOrEqualTo(body.length);
            receiving.append(offset, stream(Arrays.copyOfRange(body, offset, body.length)));
        }
        assertThat(content(blobs, receiving.commit())).as("resumed %s", id).isEqualTo(body);
    }

    private static byte[] content(Blobs blobs, BlobId id) {
        long size = blobs.size(id).orElseThrow(() -> new AssertionError(id + " is missing"));
        try (BlobContent content = blobs.read(id, 0, size)) {
            return content.stream().readAllBytes();
        } catch (IOException failure) {
            throw new AssertionError(failure);
        }
    }

    private Blobs open(Disk disk, Path root) {
        DiskGuard guard = new DiskGuard(disk, root, 1, 1);
        // Seeded, so that a run can be repeated; stretches of 32 bytes, so that bodies have
        // several.
        Ids ids = new Ids(InstantSource.system(), new Random(seed));
        return new LocalBlobs(disk, root.resolve("blobs"), ids, guard, new DataSize(32));
    }

    private InputStream part(BlobId id, int from, int to) {
        return stream(Arrays.copyOfRange(bodies.getOrDefault(id, new byte[0]), from, to));
    }

    private static byte[] body(char letter, int length) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; text.length() < length; i++) {
            text.append(letter).append(i);
        }
        return text.substring(0, length).getBytes(US_ASCII);
    }

    private static InputStream stream(byte[] bytes) {
        return new ByteArrayInputStream(bytes);
    }

    private record Committed(BlobId id) {}

    private record Offset(BlobId id, long offset) {}

    private record Gone(BlobId id) {}
}
