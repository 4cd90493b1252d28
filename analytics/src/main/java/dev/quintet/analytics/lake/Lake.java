package dev.quintet.analytics.lake;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.quintet.platform.disk.Disk;
import dev.quintet.platform.log.LocalEventLog;
import dev.quintet.platform.log.Position;
import dev.quintet.platform.sql.DatabaseUrl;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.apache.iceberg.AppendFiles;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.ExpireSnapshots;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.OverwriteFiles;
import org.apache.iceberg.RewriteFiles;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableScan;
import org.apache.iceberg.Transaction;
import org.apache.iceberg.exceptions.CommitStateUnknownException;
import org.apache.iceberg.exceptions.ValidationException;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.io.CloseableIterable;
import org.jspecify.annotations.Nullable;

/**
 * The Iceberg tables and the one rule of their commits: a range of the log is added only by the
 * loader of the newest epoch and only right behind the range before it. Position and epoch are
 * table properties, which outlive expired snapshots and foreign commits. Safe for any number of
 * threads.
 */
public final class Lake implements AutoCloseable {

    /** Iceberg's name of the catalog, by which its two tables in PostgreSQL are told apart. */
    public static final String CATALOG = "quintet";

    /** Where the tables are that the loader fills. */
    public static final String NAMESPACE = "analytics";

    /** Of all organisations together; half a kilobyte each. */
    private static final int PLANNED_FILES = 20_000;

    static final String PARTITION = "quintet.log.partition";
    static final String OFFSET = "quintet.log.offset";

    /** Both in one, of lakes from before a position had a partition; goes with the next commit. */
    static final String OLDER_POSITION = "quintet.log.position";

    static final String EPOCH = "quintet.log.epoch";
    static final String TALLY = "quintet.log.tally";
    static final String RANGE = "quintet.log.range";

    private final Disk disk;
    private final Path folder;
    private final InstantSource time;
    private final LakeCatalog catalog;
    private final Cache<PlanKey, Plan> plans =
            Caffeine.newBuilder()
                    .maximumWeight(PLANNED_FILES)
                    .weigher((PlanKey key, Plan plan) -> 1 + plan.files().size())
                    .build();

    public Lake(Disk disk, Path folder, InstantSource time, DatabaseUrl database) {
        this.disk = disk;
        this.folder = folder;
        this.time = time;
        for (LakeTable table : LakeTable.values()) {
            disk.createFolders(data(table));
        }
        this.catalog = new LakeCatalog(database, disk, folder);
        for (LakeTable table : LakeTable.values()) {
            catalog.load(table);
        }
    }

    /** The table as of now. */
    Table table(LakeTable table) {
        return catalog.load(table);
    }

    /** Where a table's Parquet files lie. */
    Path data(LakeTable table) {
        return folder.resolve(NAMESPACE).resolve(table.table()).resolve("data");
    }

    /** Up to where the log is loaded; empty before the first commit. */
    public Optional<Position> loaded() {
        return position(LakeTable.EVENTS);
    }

    /** Up to where the log is in this table; empty before the first commit. */
    Optional<Position> position(LakeTable table) {
        return position(catalog.load(table).properties());
    }

    private static Optional<Position> position(Map<String, String> properties) {
        @Nullable String offset = properties.get(OFFSET);
        @Nullable String partition = properties.get(PARTITION);
        return offset == null || partition == null
                ? Optional.ofNullable(properties.get(OLDER_POSITION))
                        .map(LocalEventLog::olderPosition)
                : Optional.of(new Position(Integer.parseInt(partition), Long.parseLong(offset)));
    }

    /** What the newest commit counted, in the words of whoever committed. */
    public Optional<String> tally() {
        return Optional.ofNullable(catalog.load(LakeTable.EVENTS).properties().get(TALLY));
    }

    /** Makes the caller the only loader: commits of every earlier epoch fail from now on. */
    public long claim() {
        long epoch = 0;
        for (LakeTable table : LakeTable.values()) {
            epoch = Math.max(epoch, epoch(catalog.load(table)) + 1);
        }
        for (LakeTable table : LakeTable.values()) {
            catalog.load(table).updateProperties().set(EPOCH, Long.toString(epoch)).commit();
        }
        return epoch;
    }

    /**
     * Adds the files of one range, or finds that an earlier attempt has done it. The range must
     * begin at the table's position; a new table, and that of rejected items, which is not in every
     * range, may lie behind.
     */
    void append(LakeTable table, LogRange range, long epoch, List<StoredFile> files, String tally) {
        Table now = catalog.load(table);
        if (follows(table, now, range, epoch) == Follows.DONE) {
            return;
        }
        Transaction transaction = now.newTransaction();
        AppendFiles append = transaction.newAppend();
        files.forEach(file -> append.appendFile(file.dataFile(now)));
        // The library rebases and tries again by itself; the rule is asked each time.
        append.set(RANGE, range.toString())
                .validateWith(ancestors ->
                        follows(table, catalog.load(table), range, epoch) == Follows.RIGHT)
                .commit();
        transaction
                .updateProperties()
                .set(PARTITION, Integer.toString(range.end().partition()))
                .set(OFFSET, Long.toString(range.end().offset()))
                .set(TALLY, tally)
                .remove(OLDER_POSITION)
                .commit();
        try {
            transaction.commitTransaction();
        } catch (CommitStateUnknownException | ValidationException unsure) {
            if (follows(table, catalog.load(table), range, epoch) != Follows.DONE) {
                throw unsure;
            }
        }
    }

    private enum Follows {
        RIGHT,
        DONE
    }

    private static Follows follows(LakeTable table, Table now, LogRange range, long epoch) {
        if (epoch(now) != epoch) {
            throw new LoaderFenced(
                    "epoch " + epoch + " is over, " + epoch(now) + " loads " + table.table());
        }
        Optional<Position> stored = position(now.properties());
        if (stored.isEmpty()) {
            return Follows.RIGHT;
        }
        Position position = stored.get();
        if (position.equals(range.end())) {
            return Follows.DONE;
        }
        boolean right =
                table == LakeTable.EVENTS
                        ? position.equals(range.start())
                        : position.compareTo(range.end()) < 0;
        if (!right) {
            throw new IllegalStateException(
                    table.table()
                            + " is loaded up to "
                            + position
                            + ", so "
                            + range
                            + " cannot follow");
        }
        return Follows.RIGHT;
    }

    private static long epoch(Table table) {
        return Long.parseLong(table.properties().getOrDefault(EPOCH, "0"));
    }

    /** The organisation's files in the table as of now. */
    public List<QueryFile> eventFiles(UUID organisation) {
        return queryFiles(new PlanKey(LakeTable.EVENTS, organisation));
    }

    /** As {@link #eventFiles}, of the rejected items. */
    public List<QueryFile> rejectedFiles(UUID organisation) {
        return queryFiles(new PlanKey(LakeTable.REJECTED, organisation));
    }

    /** Between two commits all questions need the same ones. */
    private List<QueryFile> queryFiles(PlanKey key) {
        Table now = catalog.load(key.table());
        Snapshot newest = now.currentSnapshot();
        if (newest == null) {
            return List.of();
        }
        Plan known = plans.getIfPresent(key);
        if (known == null || known.snapshot() != newest.snapshotId()) {
            List<QueryFile> files =
                    files(key.table(), now, ofOrganisation(key.organisation())).stream()
                            .map(file ->
                                    new QueryFile(
                                            LakeFiles.path(file.location()).toString(),
                                            StoredFile.bounds(now, file)))
                            .toList();
            known = new Plan(newest.snapshotId(), files);
            plans.put(key, known);
        }
        return known.files();
    }

    private record PlanKey(LakeTable table, UUID organisation) {}

    private record Plan(long snapshot, List<QueryFile> files) {}

    /** All files that may hold something received since then. */
    List<String> filesSince(LakeTable table, Instant received) {
        return paths(
                table, Expressions.greaterThanOrEqual("received_at", StoredFile.micros(received)));
    }

    private List<String> paths(LakeTable table, Expression where) {
        return LakeFiles.paths(files(table, where));
    }

    static Expression ofOrganisation(UUID organisation) {
        return Expressions.equal(LakeTable.ORGANISATION.name(), organisation.toString());
    }

    List<DataFile> files(LakeTable table, Expression where) {
        return files(table, catalog.load(table), where);
    }

    private static List<DataFile> files(LakeTable table, Table now, Expression where) {
        TableScan scan = now.newScan().filter(where).includeColumnStats();
        List<DataFile> files = new ArrayList<>();
        try (CloseableIterable<FileScanTask> tasks = scan.planFiles()) {
            for (FileScanTask task : tasks) {
                if (!task.deletes().isEmpty()) {
                    throw new IllegalStateException(
                            table.table()
                                    + " has delete files of another engine; rewrite its data files there first");
                }
                files.add(task.file().copy());
            }
        } catch (java.io.IOException failed) {
            throw new java.io.UncheckedIOException("the lake's files could not be listed", failed);
        }
        return files;
    }

    /** Puts new files in the place of others; the rows' log position does not change. */
    void replace(LakeTable table, List<DataFile> old, List<StoredFile> fresh, long epoch) {
        Table now = catalog.load(table);
        OverwriteFiles overwrite = now.newOverwrite();
        old.forEach(overwrite::deleteFile);
        fresh.forEach(file -> overwrite.addFile(file.dataFile(now)));
        // A file that another engine has rewritten meanwhile is not there to be taken out.
        overwrite
                .validateFromSnapshot(now.currentSnapshot().snapshotId())
                .validateNoConflictingDeletes()
                .validateWith(ancestors -> epoch(catalog.load(table)) == epoch)
                .commit();
        // Expiry deletes what a snapshot took out when that one goes, so it must not stay the
        // newest.
        catalog.load(table).newAppend().commit();
    }

    /** Puts files with the same rows in the place of others: no row came, none went. */
    void merge(LakeTable table, List<DataFile> old, List<StoredFile> fresh, long epoch) {
        Table now = catalog.load(table);
        RewriteFiles rewrite = now.newRewrite();
        old.forEach(rewrite::deleteFile);
        fresh.forEach(file -> rewrite.addFile(file.dataFile(now)));
        try {
            rewrite.validateWith(ancestors -> epoch(catalog.load(table)) == epoch).commit();
        } catch (ValidationException refused) {
            long newer = epoch(catalog.load(table));
            throw newer == epoch
                    ? refused
                    : new LoaderFenced(
                            "epoch " + epoch + " is over, " + newer + " loads " + table.table());
        }
    }

    /** Forgets snapshots older than that, with the files that only they hold. */
    public void expire(Duration kept) {
        for (LakeTable table : LakeTable.values()) {
            ExpireSnapshots expire = catalog.load(table).expireSnapshots();
            expire.expireOlderThan(time.instant().minus(kept).toEpochMilli())
                    .retainLast(1)
                    .commit();
        }
    }

    Disk disk() {
        return disk;
    }

    /** What is being loaded, for whoever comes after a process that did not live through it. */
    Path attempt() {
        return folder.resolve("attempt");
    }

    Path staging() {
        return folder.resolve("staging");
    }

    @Override
    public void close() {
        catalog.close();
    }
}
