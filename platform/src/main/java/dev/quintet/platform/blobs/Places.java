package dev.quintet.platform.blobs;

import dev.quintet.platform.disk.Disk;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Where a blob's files lie: {@code incoming/<id>.part} and {@code .marks}, then {@code ab/<id>}.
 */
final class Places {

    private final Disk disk;
    private final Path root;
    private final Path incoming;

    // Fan-out folders (at most 256) that this process has made durable.
    private final Set<Path> durable = ConcurrentHashMap.newKeySet();

    Places(Disk disk, Path root) {
        this.disk = disk;
        this.root = root;
        this.incoming = root.resolve("incoming");
        disk.createFolders(incoming);
    }

    Path incoming() {
        return incoming;
    }

    Path part(BlobId id) {
        return incoming.resolve(id + ".part");
    }

    Path marks(BlobId id) {
        return incoming.resolve(id + ".marks");
    }

    Path stored(BlobId id) {
        return fan(id).resolve(id.toString());
    }

    /** The folder of a stored blob: by its last two digits, for a UUIDv7 begins with the time. */
    Path fan(BlobId id) {
        String text = id.toString();
        return root.resolve(text.substring(text.length() - 2));
    }

    /** Makes the folder of a stored blob, durable before anything is moved into it. */
    Path makeFan(BlobId id) {
        Path fan = fan(id);
        if (!durable.contains(fan)) {
            disk.createFolders(fan);
            durable.add(fan);
        }
        return fan;
    }

    void eachStored(Consumer<Blobs.Seen> seen) {
        for (Path fan : disk.list(root)) {
            if (fan.getFileName().toString().matches("[0-9a-f]{2}")) {
                disk.list(fan).stream()
                        .flatMap(file -> id(file, "").stream())
                        .forEach(id -> lookAt(id, Stream.of(stored(id)), seen));
            }
        }
    }

    void eachReceiving(Consumer<Blobs.Seen> seen) {
        disk.list(incoming).stream()
                .flatMap(file -> id(file, "\\.(part|marks)").stream())
                .distinct()
                .forEach(id -> lookAt(id, Stream.of(part(id), marks(id)), seen));
    }

    /** One that went since its folder was listed is not shown. */
    private void lookAt(BlobId id, Stream<Path> files, Consumer<Blobs.Seen> seen) {
        files.flatMap(file -> disk.changedAt(file).stream())
                .max(Comparator.naturalOrder())
                .ifPresent(changedAt -> seen.accept(new Blobs.Seen(id, changedAt)));
    }

    private static Optional<BlobId> id(Path file, String suffix) {
        String name = file.getFileName().toString();
        return name.matches("[0-9a-f-]{36}" + suffix)
                ? Optional.of(new BlobId(UUID.fromString(name.substring(0, 36))))
                : Optional.empty();
    }
}
