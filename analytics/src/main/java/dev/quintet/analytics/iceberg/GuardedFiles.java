package dev.quintet.analytics.iceberg;

import dev.quintet.analytics.lake.Lake;
import dev.quintet.analytics.lake.LakeFiles;
import dev.quintet.platform.disk.Disk;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import org.apache.iceberg.exceptions.ForbiddenException;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.OutputFile;

/**
 * The files that a request from outside may have the server read and write: those of the lake's
 * tables, and those under {@code guests}, where the tables of other engines lie.
 */
final class GuardedFiles implements FileIO {

    private static final long serialVersionUID = 1L;

    private final transient Disk disk;
    private final transient LakeFiles files;
    private final transient Path lake;
    private final transient Path own;
    private final transient Path guests;

    GuardedFiles(Disk disk, Path lake) {
        this.disk = disk;
        this.files = new LakeFiles(disk);
        this.lake = lake.toAbsolutePath().normalize();
        this.own = this.lake.resolve(Lake.NAMESPACE);
        this.guests = this.lake.resolve("guests");
    }

    Path guests() {
        return guests;
    }

    /** Where the data of one of the loader's tables lies. */
    Path ownData(String table) {
        return own.resolve(table).resolve("data");
    }

    @Override
    public InputFile newInputFile(String location) {
        requireTable(location);
        return files.newInputFile(location);
    }

    @Override
    public OutputFile newOutputFile(String location) {
        requireTable(location);
        return files.newOutputFile(location);
    }

    /** Of the lake's own tables only old metadata goes, which the library clears after a commit. */
    @Override
    public void deleteFile(String location) {
        Path file = path(location);
        boolean oldMetadata = file.startsWith(own) && location.endsWith(".metadata.json");
        if (!oldMetadata && !file.startsWith(guests)) {
            throw new ForbiddenException("%s is not deleted for a guest", location);
        }
        files.deleteFile(location);
    }

    boolean exists(Path file) {
        return disk.exists(file);
    }

    /** Forces what another program has written, where it lies in the lake and is there. */
    void force(Collection<String> locations) {
        Set<Path> folders = new HashSet<>();
        for (String location : locations) {
            Path file = path(location);
            if (isOfTable(file) && disk.exists(file)) {
                disk.forceFile(file);
                Path folder = file.getParent();
                while (folder != null && folder.startsWith(lake) && folders.add(folder)) {
                    disk.forceFolder(folder);
                    folder = folder.getParent();
                }
            }
        }
    }

    void requireGuests(String location) {
        if (!path(location).startsWith(guests)) {
            throw new ForbiddenException(
                    "%s is not in %s, where other engines' tables lie",
                    location, LakeFiles.location(guests));
        }
    }

    private void requireTable(String location) {
        if (!isOfTable(path(location))) {
            throw new ForbiddenException("%s is not a file of the lake's tables", location);
        }
    }

    private boolean isOfTable(Path file) {
        return file.startsWith(own) || file.startsWith(guests);
    }

    static Path path(String location) {
        return LakeFiles.path(location).toAbsolutePath().normalize();
    }
}
