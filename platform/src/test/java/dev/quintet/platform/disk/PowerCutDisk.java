package dev.quintet.platform.disk;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * A disk that keeps a diary of every write, force, rename and delete below its root, and shows what
 * a real one may legally hold when the power goes after any of them: {@link PowerCuts}.
 *
 * <p>What is not forced may be there, be missing, or be there in part and in any order. Bytes are
 * durable when their file was forced, a name when its folder was; a force of a file says nothing
 * about its name. A rename is atomic; one into another folder is durable with that folder. A file
 * that somebody else wrote (DuckDB's staging) counts as unforced from the moment it is first seen
 * by a force or rename. What lies below the root from the beginning is durable.
 */
public final class PowerCutDisk extends ForwardingDisk {

    private final Path root;
    private final SplittableRandom random;

    // All guarded by this: a step on the real files and its entry in the diary are one.
    private final List<Effect> effects = new ArrayList<>();
    private final List<Note> notes = new ArrayList<>();
    private final Map<Path, Integer> names = new HashMap<>();
    private final Map<Integer, Long> sizes = new HashMap<>();
    private int step;

    /**
     * @param seed where writes are torn; printed by whoever tests
     */
    public PowerCutDisk(Disk real, Path root, long seed) {
        super(new UnforcedDisk(real));
        this.root = root;
        this.random = new SplittableRandom(seed);
        adopt();
    }

    private void adopt() {
        step = -1;
        try (Stream<Path> all = Files.walk(root)) {
            for (Path path : all.filter(path -> !path.equals(root)).sorted().toList()) {
                if (Files.isDirectory(path)) {
                    Path folder = relative(path);
                    add(folder(path), image -> image.folders.add(folder));
                } else {
                    see(path);
                }
            }
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        effects.replaceAll(effect -> new Effect(-1, effect.scope, effect.change, -1));
        step = 0;
    }

    /** Writes down that somebody outside was told this; it must hold after any later cut. */
    public synchronized void note(Object acknowledged) {
        notes.add(new Note(step++, acknowledged));
    }

    synchronized int steps() {
        return step;
    }

    synchronized List<Effect> effects() {
        return List.copyOf(effects);
    }

    synchronized List<Note> notes() {
        return List.copyOf(notes);
    }

    @Override
    public synchronized OpenFile create(Path file) {
        OpenFile open = inner.create(file);
        int inode = name(file);
        step++;
        return new Recorded(open, inode);
    }

    @Override
    public synchronized OpenFile open(Path file) {
        OpenFile open = inner.open(file);
        return new Recorded(open, see(file));
    }

    @Override
    public synchronized void rename(Path from, Path to) {
        int inode = see(from);
        inner.rename(from, to);
        names.remove(from);
        names.put(to, inode);
        Path source = relative(from);
        Path target = relative(to);
        Effect added = add(folder(to), image -> image.files.put(target, inode));
        // Within one folder both names change in one step, also durably.
        Effect removed = add(folder(from), image -> image.files.remove(source));
        removed.needs = Optional.of(added);
        if (folder(from).equals(folder(to))) {
            added.needs = Optional.of(removed);
        }
        step++;
    }

    @Override
    public synchronized void delete(Path path) {
        if (!inner.exists(path)) {
            return;
        }
        inner.delete(path);
        names.remove(path);
        Path gone = relative(path);
        add(
                folder(path),
                image -> {
                    image.files.remove(gone);
                    image.folders.remove(gone);
                });
        step++;
    }

    @Override
    public synchronized void createFolder(Path folder) {
        if (inner.exists(folder)) {
            return;
        }
        inner.createFolder(folder);
        Path made = relative(folder);
        add(folder(folder), image -> image.folders.add(made));
        step++;
    }

    @Override
    public synchronized void forceFolder(Path folder) {
        for (Path path : inner.list(folder)) {
            if (Files.isRegularFile(path)) {
                see(path);
            }
        }
        settle(folder.toAbsolutePath());
    }

    @Override
    public synchronized void forceFile(Path file) {
        settle(see(file));
    }

    /** The inode of a name; a file that another writer made or changed is taken into the diary. */
    private int see(Path file) {
        Integer known = names.get(file);
        int inode = known == null ? name(file) : known;
        try {
            if (Files.size(file) != sizes.getOrDefault(inode, 0L)) {
                write(inode, 0, Files.readAllBytes(file));
                step++;
            }
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        return inode;
    }

    private int name(Path file) {
        int inode = sizes.size();
        names.put(file, inode);
        sizes.put(inode, 0L);
        Path named = relative(file);
        add(folder(file), image -> image.files.put(named, inode));
        return inode;
    }

    /** Length and bytes become durable apart, and the bytes in two pieces. */
    private void write(int inode, long position, byte[] bytes) {
        long end = position + bytes.length;
        if (end > sizes.getOrDefault(inode, 0L)) {
            sizes.put(inode, end);
            add(inode, image -> image.bytes(inode).lengthen(end));
        }
        int tear = bytes.length < 2 ? bytes.length : 1 + random.nextInt(bytes.length - 1);
        byte[] first = Arrays.copyOf(bytes, tear);
        add(inode, image -> image.bytes(inode).put(position, first));
        if (tear < bytes.length) {
            byte[] second = Arrays.copyOfRange(bytes, tear, bytes.length);
            add(inode, image -> image.bytes(inode).put(position + tear, second));
        }
    }

    private Effect add(Object scope, Consumer<PowerCuts.Image> change) {
        Effect effect = new Effect(step, scope, change, Effect.NEVER);
        effects.add(effect);
        return effect;
    }

    private void settle(Object scope) {
        for (Effect effect : effects) {
            if (effect.scope.equals(scope) && effect.settled == Effect.NEVER) {
                effect.settled = step;
            }
        }
        step++;
    }

    private static Path folder(Path path) {
        Path parent = path.toAbsolutePath().getParent();
        if (parent == null) {
            throw new IllegalArgumentException(path + " has no folder");
        }
        return parent;
    }

    private Path relative(Path path) {
        return root.relativize(path);
    }

    /** Something that somebody outside was told, and the step after which. */
    record Note(int at, Object acknowledged) {}

    /** One thing that becomes durable as a whole: a name, a length, a piece of a write. */
    static final class Effect {

        static final int NEVER = Integer.MAX_VALUE;

        final int at;
        final Object scope;
        final Consumer<PowerCuts.Image> change;
        int settled;
        Optional<Effect> needs = Optional.empty();

        Effect(int at, Object scope, Consumer<PowerCuts.Image> change, int settled) {
            this.at = at;
            this.scope = scope;
            this.change = change;
            this.settled = settled;
        }
    }

    private final class Recorded extends ForwardingFile {

        private final int inode;

        Recorded(OpenFile inner, int inode) {
            super(inner);
            this.inode = inode;
        }

        @Override
        public void write(long position, ByteBuffer... sources) {
            synchronized (PowerCutDisk.this) {
                int length = Arrays.stream(sources).mapToInt(ByteBuffer::remaining).sum();
                ByteBuffer all = ByteBuffer.allocate(length);
                for (ByteBuffer source : sources) {
                    all.put(source.duplicate());
                }
                super.write(position, sources);
                PowerCutDisk.this.write(inode, position, all.array());
                step++;
            }
        }

        @Override
        public void resize(long size) {
            synchronized (PowerCutDisk.this) {
                if (inner.size() == size) {
                    return;
                }
                super.resize(size);
                sizes.put(inode, size);
                add(inode, image -> image.bytes(inode).resize(size));
                step++;
            }
        }

        @Override
        public void force() {
            synchronized (PowerCutDisk.this) {
                settle(inode);
            }
        }
    }
}
