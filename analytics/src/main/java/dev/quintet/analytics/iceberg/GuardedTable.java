package dev.quintet.analytics.iceberg;

import static java.util.stream.Collectors.toSet;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
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
 * add rows that the server's own queries can read: what the ledger counts as stored stays.
 */
final class GuardedTable implements TableOperations {

    // The library refuses commits a minute before the newest one.
    private static final Duration AHEAD = Duration.ofSeconds(30);

    private final TableOperations table;
    private final GuardedFiles files;
    private final Optional<OwnTable> own;
    private final InstantSource time;

    /**
     * One of the loader's tables.
     *
     * @param data where its rows lie
     * @param objection why the server's own queries could not read a file; empty if they can
     */
    record OwnTable(Path data, Function<Path, Optional<String>> objection) {}

    GuardedTable(
            TableOperations table, GuardedFiles files, Optional<OwnTable> own, InstantSource time) {
        this.table = table;
        this.files = files;
        this.own = own;
        this.time = time;
    }

    @Override
    public void commit(@Nullable TableMetadata base, TableMetadata updated) {
        if (own.isEmpty()) {
            files.requireGuests(updated.location());
        }
        List<Snapshot> snapshots = own.isPresent() ? added(updated) : fresh(base, updated);
        Set<ManifestFile> manifests = fresh(base, snapshots);
        own.ifPresent(ours -> {
            requireRowsOnly(updated);
            requireNewest(base, updated);
            snapshots.forEach(this::requireNotAhead);
            Set<String> known = requireAll(base, updated);
            manifests.forEach(manifest -> requireReadable(manifest, updated, known, ours));
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

    /** Also one under the id of another, which it would replace. */
    private static List<Snapshot> added(TableMetadata updated) {
        return updated.changes().stream()
                .filter(MetadataUpdate.AddSnapshot.class::isInstance)
                .map(change -> ((MetadataUpdate.AddSnapshot) change).snapshot())
                .toList();
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
            Set<String> known = paths(base.currentSnapshot());
            manifests.removeIf(manifest -> known.contains(manifest.path()));
        }
        return manifests;
    }

    private Set<String> paths(Snapshot snapshot) {
        return snapshot.allManifests(files).stream().map(ManifestFile::path).collect(toSet());
    }

    private static void requireRowsOnly(TableMetadata updated) {
        for (MetadataUpdate change : updated.changes()) {
            boolean rows =
                    switch (change) {
                        case MetadataUpdate.AddSnapshot added -> true;
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
                        "%s: to the lake's own tables guests only add rows, on the main branch",
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

    /** Behind a commit of a clock that is ahead the loader could not commit. */
    private void requireNotAhead(Snapshot snapshot) {
        Instant at = Instant.ofEpochMilli(snapshot.timestampMillis());
        if (at.isAfter(time.instant().plus(AHEAD))) {
            throw new ForbiddenException(
                    "the snapshot is of %s, which is not yet; set the clock right", at);
        }
    }

    /**
     * All that was there is there.
     *
     * @return the files of joined manifests, of which nothing is new; none where none were joined
     */
    private Set<String> requireAll(@Nullable TableMetadata base, TableMetadata updated) {
        Snapshot before = base == null ? null : base.currentSnapshot();
        Snapshot after = updated.currentSnapshot();
        if (before == null || after == null || paths(after).containsAll(paths(before))) {
            return Set.of();
        }
        Set<String> known = live(before, updated);
        if (!live(after, updated).containsAll(known)) {
            throw new ForbiddenException(
                    "rows of the lake's own tables are taken out by erasures alone (POST /api/v1/analytics/erasures)");
        }
        return known;
    }

    private Set<String> live(Snapshot snapshot, TableMetadata updated) {
        Set<String> live = new HashSet<>();
        for (ManifestFile manifest : snapshot.dataManifests(files)) {
            files(manifest, updated).forEach(file -> live.add(file.location()));
        }
        return live;
    }

    /** What the server's own queries cannot read would make all of them fail. */
    private void requireReadable(
            ManifestFile manifest, TableMetadata updated, Set<String> known, OwnTable ours) {
        if (manifest.content() == ManifestContent.DELETES) {
            throw new ForbiddenException("the lake's own tables take no delete files");
        }
        for (DataFile file : files(manifest, updated)) {
            if (known.contains(file.location())) {
                continue;
            }
            Path place = GuardedFiles.path(file.location());
            boolean ofOneFolder =
                    file.format() == FileFormat.PARQUET
                            && place.startsWith(ours.data())
                            && files.exists(place)
                            && file.partition().get(0, Object.class) != null
                            && file.partition().get(1, Object.class) != null;
            if (!ofOneFolder) {
                throw new ForbiddenException(
                        "%s is no Parquet file of one organisation and day in %s",
                        file.location(), ours.data());
            }
            ours.objection()
                    .apply(place)
                    .ifPresent(why -> {
                        throw new ForbiddenException("%s is not taken: %s", file.location(), why);
                    });
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
