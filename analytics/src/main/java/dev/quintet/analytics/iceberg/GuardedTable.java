package dev.quintet.analytics.iceberg;

import static java.util.stream.Collectors.toSet;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.ManifestContent;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.ManifestFiles;
import org.apache.iceberg.ManifestReader;
import org.apache.iceberg.MetadataUpdate;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotRef;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableOperations;
import org.apache.iceberg.encryption.EncryptionManager;
import org.apache.iceberg.exceptions.ForbiddenException;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.LocationProvider;
import org.apache.iceberg.util.SnapshotUtil;
import org.jspecify.annotations.Nullable;

/**
 * A table as guests commit to it. Before a commit what they wrote is forced to the disk: the answer
 * that it is done outlives a power cut, as the loader's own. To the loader's tables they may only
 * add snapshots that follow the newest one and forget old ones: columns, partitions and the
 * loader's place in the log are its own.
 */
final class GuardedTable implements TableOperations {

    private final TableOperations table;
    private final GuardedFiles files;

    /** Of one of the loader's tables, where its rows lie. */
    private final Optional<Path> ownData;

    GuardedTable(TableOperations table, GuardedFiles files, Optional<Path> ownData) {
        this.table = table;
        this.files = files;
        this.ownData = ownData;
    }

    @Override
    public void commit(@Nullable TableMetadata base, TableMetadata updated) {
        if (ownData.isEmpty()) {
            files.requireGuests(updated.location());
        }
        List<Snapshot> snapshots = fresh(base, updated);
        Set<ManifestFile> manifests = fresh(base, snapshots);
        ownData.ifPresent(data -> {
            requireRowsOnly(updated);
            requireNewest(base, updated);
            manifests.forEach(manifest -> requireReadable(manifest, updated, data));
        });
        List<String> written = new ArrayList<>();
        snapshots.forEach(snapshot -> written.add(snapshot.manifestListLocation()));
        for (ManifestFile manifest : manifests) {
            written.add(manifest.path());
            if (manifest.content() == ManifestContent.DATA) {
                files(manifest, updated).forEach(file -> written.add(file.location()));
            }
        }
        files.force(written);
        table.commit(base, updated);
    }

    private static List<Snapshot> fresh(@Nullable TableMetadata base, TableMetadata updated) {
        return updated.snapshots().stream()
                .filter(snapshot -> base == null || base.snapshot(snapshot.snapshotId()) == null)
                .toList();
    }

    /** Those of the snapshots that the newest one before has not: what they claim is not asked. */
    private Set<ManifestFile> fresh(@Nullable TableMetadata base, List<Snapshot> snapshots) {
        Set<ManifestFile> manifests = new LinkedHashSet<>();
        snapshots.forEach(snapshot -> manifests.addAll(snapshot.allManifests(files)));
        if (!manifests.isEmpty() && base != null && base.currentSnapshot() != null) {
            Set<String> known =
                    base.currentSnapshot().allManifests(files).stream()
                            .map(ManifestFile::path)
                            .collect(toSet());
            manifests.removeIf(manifest -> known.contains(manifest.path()));
        }
        return manifests;
    }

    private static void requireRowsOnly(TableMetadata updated) {
        for (MetadataUpdate change : updated.changes()) {
            boolean rows =
                    switch (change) {
                        case MetadataUpdate.AddSnapshot added -> true;
                        case MetadataUpdate.RemoveSnapshots removed -> true;
                        // Another reference would keep an erased person's rows.
                        case MetadataUpdate.SetSnapshotRef reference ->
                                reference.name().equals(SnapshotRef.MAIN_BRANCH)
                                        && reference.minSnapshotsToKeep() == null
                                        && reference.maxSnapshotAgeMs() == null
                                        && reference.maxRefAgeMs() == null;
                        default -> false;
                    };
            if (!rows) {
                throw new ForbiddenException(
                        "%s: of the lake's own tables only the rows of the main branch are changed from outside",
                        change.getClass().getSimpleName());
            }
        }
    }

    /** A step back would take out rows that the loader counts as stored. */
    private static void requireNewest(@Nullable TableMetadata base, TableMetadata updated) {
        Snapshot before = base == null ? null : base.currentSnapshot();
        Snapshot after = updated.currentSnapshot();
        if (before != null
                && (after == null
                        || !SnapshotUtil.isAncestorOf(
                                after.snapshotId(), before.snapshotId(), updated::snapshot))) {
            throw new ForbiddenException(
                    "snapshot %s does not follow %s, which is the newest",
                    after == null ? "none" : after.snapshotId(), before.snapshotId());
        }
    }

    /** What the server's own queries cannot read would make all of them fail. */
    private void requireReadable(ManifestFile manifest, TableMetadata updated, Path data) {
        if (manifest.content() == ManifestContent.DELETES) {
            throw new ForbiddenException(
                    "the lake's own tables take no delete files; write copy-on-write (write.delete.mode)");
        }
        for (DataFile file : files(manifest, updated)) {
            Path place = GuardedFiles.path(file.location());
            boolean readable =
                    file.format() == FileFormat.PARQUET
                            && place.startsWith(data)
                            && files.exists(place)
                            && file.partition().get(0, Object.class) != null
                            && file.partition().get(1, Object.class) != null;
            if (!readable) {
                throw new ForbiddenException(
                        "%s is no Parquet file of one organisation and day in %s",
                        file.location(), data);
            }
        }
    }

    private List<DataFile> files(ManifestFile manifest, TableMetadata updated) {
        List<DataFile> named = new ArrayList<>();
        try (ManifestReader<DataFile> entries =
                ManifestFiles.read(manifest, files, updated.specsById())) {
            entries.forEach(file -> named.add(file.copyWithoutStats()));
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
        return named;
    }

    @Override
    public TableMetadata current() {
        return table.current();
    }

    @Override
    public TableMetadata refresh() {
        return table.refresh();
    }

    @Override
    public FileIO io() {
        return table.io();
    }

    @Override
    public EncryptionManager encryption() {
        return table.encryption();
    }

    @Override
    public String metadataFileLocation(String name) {
        return table.metadataFileLocation(name);
    }

    @Override
    public LocationProvider locationProvider() {
        return table.locationProvider();
    }

    @Override
    public TableOperations temp(TableMetadata uncommitted) {
        return table.temp(uncommitted);
    }

    @Override
    public long newSnapshotId() {
        return table.newSnapshotId();
    }
}
