package dev.quintet.analytics.lake;

import dev.quintet.platform.disk.Disk;
import dev.quintet.platform.disk.OpenFile;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Locale;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.duckdb.DuckDBDriver;

/**
 * DuckDB's library and its classes, unpacked once for all children: out of its jar each of them
 * would unpack 70 MB again, which is more than half of its start. Safe for any number of threads.
 */
public final class EngineFiles {

    private static final String LIBRARY = "libduckdb_java.so_";
    private static final int PART = 1 << 20;

    private final Disk disk;
    private final Path folder;

    /** DuckDB's own jar. */
    private final Path jar;

    // Guarded by this.
    private boolean unpacked;

    /**
     * @param folder where they are kept, for as many versions of DuckDB as there were
     */
    public EngineFiles(Disk disk, Path folder) {
        this.disk = disk;
        this.folder = folder;
        this.jar =
                Path.of(
                        URI.create(
                                DuckDBDriver.class
                                        .getProtectionDomain()
                                        .getCodeSource()
                                        .getLocation()
                                        .toString()));
    }

    /** For {@code java.library.path}. */
    Path library() {
        return unpack();
    }

    /** For the class path. */
    Path classes() {
        return unpack().resolve("duckdb.jar");
    }

    private synchronized Path unpack() {
        Path place = folder.resolve(String.valueOf(jar.getFileName()).replace(".jar", ""));
        if (!unpacked) {
            try (ZipFile zip = new ZipFile(jar.toFile())) {
                if (!isWhole(zip, place)) {
                    unpack(zip, place);
                }
            } catch (IOException failed) {
                throw new UncheckedIOException("DuckDB could not be unpacked", failed);
            }
            unpacked = true;
        }
        return place;
    }

    private boolean isWhole(ZipFile zip, Path place) {
        Path library = place.resolve(System.mapLibraryName("duckdb_java"));
        if (!disk.exists(library) || !disk.exists(place.resolve("duckdb.jar"))) {
            return false;
        }
        try (OpenFile file = disk.open(library)) {
            return file.size() == ofThisMachine(zip).getSize();
        }
    }

    private void unpack(ZipFile zip, Path place) throws IOException {
        Path draft = folder.resolve("draft-" + ProcessHandle.current().pid());
        disk.createFolders(draft);
        disk.list(draft).forEach(disk::delete);
        try (InputStream library = zip.getInputStream(ofThisMachine(zip))) {
            write(draft.resolve(System.mapLibraryName("duckdb_java")), library);
        }
        try (InputStream classes = new ByteArrayInputStream(withoutLibraries(zip))) {
            write(draft.resolve("duckdb.jar"), classes);
        }
        disk.forceFolder(draft);
        // Another server of this build may have done it meanwhile, and its children run from it.
        if (isWhole(zip, place)) {
            delete(draft);
            return;
        }
        delete(place);
        disk.rename(draft, place);
        disk.forceFolder(folder);
    }

    private void delete(Path unpacked) {
        if (disk.exists(unpacked)) {
            disk.list(unpacked).forEach(disk::delete);
            disk.delete(unpacked);
        }
    }

    private void write(Path to, InputStream from) throws IOException {
        try (OpenFile file = disk.create(to)) {
            byte[] part = new byte[PART];
            long at = 0;
            for (int read = from.read(part); read >= 0; read = from.read(part)) {
                file.write(at, ByteBuffer.wrap(part, 0, read));
                at += read;
            }
            file.force();
        }
    }

    private static byte[] withoutLibraries(ZipFile zip) throws IOException {
        ByteArrayOutputStream jar = new ByteArrayOutputStream();
        try (ZipOutputStream out = new ZipOutputStream(jar)) {
            for (ZipEntry entry : zip.stream().toList()) {
                if (!entry.getName().startsWith(LIBRARY)) {
                    out.putNextEntry(new ZipEntry(entry.getName()));
                    try (InputStream in = zip.getInputStream(entry)) {
                        in.transferTo(out);
                    }
                    out.closeEntry();
                }
            }
        }
        return jar.toByteArray();
    }

    private static ZipEntry ofThisMachine(ZipFile zip) {
        String os = System.getProperty("os.name").toLowerCase(Locale.ROOT);
        String arch = System.getProperty("os.arch").toLowerCase(Locale.ROOT);
        String name =
                LIBRARY
                        + (os.startsWith("windows")
                                ? "windows"
                                : os.startsWith("mac") ? "macos" : "linux")
                        + (arch.equals("aarch64") || arch.equals("arm64") ? "_arm64" : "_amd64");
        ZipEntry entry = zip.getEntry(name);
        if (entry == null) {
            throw new IllegalStateException("DuckDB has no library " + name);
        }
        return entry;
    }
}
