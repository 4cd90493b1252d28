package dev.quintet.platform.disk;

import dev.quintet.platform.disk.PowerCutDisk.Effect;
import dev.quintet.platform.disk.PowerCutDisk.Note;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Cuts the power after every step of a diary and shows each state that the disk may hold then: all
 * subsets of up to 12 unsynced effects, above that 500 seeded ones.
 */
public final class PowerCuts {

    private static final int EXHAUSTIVE = 12;
    private static final int SAMPLES = 500;

    private final PowerCutDisk disk;
    private final Path scratch;
    private final SplittableRandom random;
    private final Set<List<Object>> seen = new HashSet<>();

    /**
     * @param scratch an empty folder; each state is laid out below it
     */
    public PowerCuts(PowerCutDisk disk, Path scratch, long seed) {
        this.disk = disk;
        this.scratch = scratch;
        this.random = new SplittableRandom(seed);
    }

    /** Shows every state once; answers how many there were. */
    public int replay(Check check) {
        for (int cut = 0; cut <= disk.steps(); cut++) {
            replayCut(cut, check);
        }
        return seen.size();
    }

    /** Shows the states after the last step only: enough where nothing was told before it. */
    public int replayEnd(Check check) {
        replayCut(disk.steps(), check);
        return seen.size();
    }

    private void replayCut(int cut, Check check) {
        List<Effect> effects = disk.effects();
        BitSet certain = new BitSet();
        BitSet open = new BitSet();
        for (int i = 0; i < effects.size() && effects.get(i).at < cut; i++) {
            (effects.get(i).settled < cut ? certain : open).set(i);
        }
        List<Object> told =
                disk.notes().stream()
                        .filter(note -> note.at() < cut)
                        .map(Note::acknowledged)
                        .toList();
        int[] choices = open.stream().toArray();
        boolean all = choices.length <= EXHAUSTIVE;
        int states = all ? 1 << choices.length : SAMPLES;
        for (int state = 0; state < states; state++) {
            BitSet applied = (BitSet) certain.clone();
            for (int i = 0; i < choices.length; i++) {
                applied.set(choices[i], all ? (state >> i & 1) == 1 : random.nextBoolean());
            }
            show(cut, effects, applied, told, check);
        }
    }

    private void show(
            int cut, List<Effect> effects, BitSet applied, List<Object> told, Check check) {
        withdrawUnmet(effects, applied);
        if (!seen.add(List.of(applied, told.size()))) {
            return;
        }
        Image image = new Image();
        applied.stream().forEach(i -> effects.get(i).change.accept(image));
        Path folder = scratch.resolve("state");
        try {
            image.layOut(folder);
            check.check(folder, told);
        } catch (AssertionError | Exception failure) {
            throw new AssertionError(
                    "power cut after step %d, applied %s: %s"
                            .formatted(cut, applied, failure.getMessage()),
                    failure);
        } finally {
            deleteAll(folder);
        }
    }

    /** A half of a rename without its other half is no legal state. */
    private static void withdrawUnmet(List<Effect> effects, BitSet applied) {
        for (int i = applied.nextSetBit(0); i >= 0; i = applied.nextSetBit(i + 1)) {
            Effect effect = effects.get(i);
            if (effect.needs.isPresent() && !applied.get(effects.indexOf(effect.needs.get()))) {
                applied.clear(i);
            }
        }
    }

    private static void deleteAll(Path folder) {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** Opens what a state holds, and fails when something that was told does not hold. */
    @FunctionalInterface
    public interface Check {
        void check(Path root, List<Object> told) throws Exception;
    }

    /** What a disk holds: names, folders, and bytes behind the names. */
    static final class Image {

        final Map<Path, Integer> files = new TreeMap<>();
        final Set<Path> folders = new TreeSet<>();
        private final Map<Integer, Bytes> contents = new TreeMap<>();

        Bytes bytes(int inode) {
            return contents.computeIfAbsent(inode, _ -> new Bytes());
        }

        /** Writes it down as real files; what lies in a folder that was lost is lost with it. */
        void layOut(Path root) throws IOException {
            Files.createDirectories(root);
            for (Path folder : folders) {
                Path real = root.resolve(folder);
                if (Files.isDirectory(parent(real))) {
                    Files.createDirectory(real);
                }
            }
            for (Map.Entry<Path, Integer> file : files.entrySet()) {
                Path real = root.resolve(file.getKey());
                if (Files.isDirectory(parent(real))) {
                    Files.write(real, bytes(file.getValue()).whole());
                }
            }
        }

        private static Path parent(Path path) throws IOException {
            Path parent = path.getParent();
            if (parent == null) {
                throw new IOException(path + " has no parent");
            }
            return parent;
        }
    }

    /** A file's bytes; what lies behind its length is not seen, what was never written is zero. */
    static final class Bytes {

        private byte[] bytes = new byte[0];
        private int length;

        void lengthen(long end) {
            length = Math.max(length, Math.toIntExact(end));
        }

        void resize(long size) {
            length = Math.toIntExact(size);
            Arrays.fill(bytes, Math.min(length, bytes.length), bytes.length, (byte) 0);
        }

        void put(long position, byte[] piece) {
            int end = Math.toIntExact(position + piece.length);
            if (end > bytes.length) {
                bytes = Arrays.copyOf(bytes, end);
            }
            System.arraycopy(piece, 0, bytes, Math.toIntExact(position), piece.length);
        }

        byte[] whole() {
            return Arrays.copyOf(bytes, length);
        }
    }
}
