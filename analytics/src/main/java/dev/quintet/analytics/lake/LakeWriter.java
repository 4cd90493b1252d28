package dev.quintet.analytics.lake;

import dev.quintet.platform.DataSize;
import dev.quintet.platform.disk.Disk;
import dev.quintet.platform.disk.OpenFile;
import dev.quintet.platform.log.Position;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.Table;
import org.apache.iceberg.exceptions.ValidationException;
import org.apache.iceberg.expressions.Expressions;
import tools.jackson.databind.JsonNode;

/**
 * Brings rows into the lake in three steps that each survive a crash: {@link #stage} lets DuckDB
 * write Parquet beside the tables, {@link #publish} makes the files durable under their own names,
 * {@link #commitRejected} and {@link #commitEvents} make them part of the tables. Used by the
 * loader's thread.
 */
public final class LakeWriter implements AutoCloseable {

    private static final Pattern OUR_FILE =
            // The first were called so before a position had a partition.
            Pattern.compile("(\\d{12}-\\d{12}-|\\d+-\\d{19}-\\d{19}-|rewrite-).*\\.parquet");

    // The rows that DuckDB holds in memory while it writes, in each of two threads; its own 122,880
    // of usual events nearly fill the smallest engine.
    private static final int ROW_GROUP = 40_960;

    private final Lake lake;
    private final Disk disk;
    private final LoaderEngine engine;
    private final long epoch;

    /**
     * Takes over the lake: from now on no other writer's commit succeeds.
     *
     * @param startLimit what the start of its engine may take; outlives the writers that come and
     *     go
     */
    public LakeWriter(
            Lake lake, EngineFiles files, Path scratch, DataSize memory, Doubling startLimit) {
        this(lake, LoaderEngine.inChild(lake.disk(), files, scratch, memory, startLimit));
    }

    LakeWriter(Lake lake, LoaderEngine engine) {
        this.lake = lake;
        this.disk = lake.disk();
        this.engine = engine;
        try {
            this.epoch = lake.claim();
            sweep();
            // The first events should not wait for the engine to start.
            run("select 1");
        } catch (RuntimeException failed) {
            engine.close();
            throw failed;
        }
    }

    /** Up to where the log is loaded; empty before the first commit. */
    public Optional<Position> position() {
        return lake.loaded();
    }

    /**
     * Rejected items are committed before the events of their range: those below this are there.
     */
    public Optional<Position> rejectedPosition() {
        return lake.position(LakeTable.REJECTED);
    }

    /** Fails when the engine does not work at all. */
    public void requireEngine() {
        run("select 1");
    }

    /** Remembers beyond the end of this process, but not of the machine, what it is about to do. */
    public void note(Attempt attempt) {
        disk.delete(lake.attempt());
        try (OpenFile file = disk.create(lake.attempt())) {
            byte[] text = attempt.toString().getBytes(StandardCharsets.US_ASCII);
            file.write(0, ByteBuffer.wrap(text));
        }
    }

    /** What an earlier process had begun from there on when it ended. */
    public Optional<Attempt> interruptedAt(Position position) {
        if (!disk.exists(lake.attempt())) {
            return Optional.empty();
        }
        String text = new String(disk.read(lake.attempt()), StandardCharsets.US_ASCII);
        return Attempt.parse(text).filter(attempt -> attempt.from().equals(position));
    }

    /** Writes the rows as Parquet, where no reader looks and no power cut is thought of. */
    public RangeFiles stage(LogRange range, Lines events, Lines rejected) {
        clear(lake.staging());
        disk.createFolders(lake.staging());
        RangeFiles staged = new RangeFiles(range);
        staged.put(LakeTable.EVENTS, stage(LakeTable.EVENTS, events));
        staged.put(LakeTable.REJECTED, stage(LakeTable.REJECTED, rejected));
        return staged;
    }

    /** One file for each partition: DuckDB's own partitioning costs more than all else it does. */
    private List<StoredFile> stage(LakeTable table, Lines lines) {
        Table now = lake.table(table);
        List<StoredFile> files = new ArrayList<>();
        lines.rows()
                .forEach((partition, rows) ->
                        files.add(
                                stage(
                                        table,
                                        now,
                                        partition,
                                        rows,
                                        table.table() + "-" + files.size())));
        return files;
    }

    private StoredFile stage(
            LakeTable table, Table now, Lines.Partition partition, Lines.Rows rows, String name) {
        Path input = lake.staging().resolve(name + ".ndjson");
        try (OpenFile file = disk.create(input)) {
            file.write(0, ByteBuffer.wrap(rows.text()));
        }
        Path output = lake.staging().resolve(name + ".parquet");
        String select =
                "select "
                        + table.fromLine()
                        + " from read_json("
                        + Statements.quoted(input.toString())
                        + ", format = 'newline_delimited', maximum_object_size = 4194304, columns = "
                        + table.lineTypes()
                        + ")";
        List<JsonNode> written = copy(table, now, select, output);
        disk.delete(input);
        return new StoredFile(
                output,
                now.spec().specId(),
                partition.organisation(),
                LocalDate.ofEpochDay(partition.day()),
                written.get(1).longValue(),
                written.get(2).longValue(),
                rows.bounds());
    }

    /** Writes rows into a Parquet file; answers its path, rows and bytes. */
    private List<JsonNode> copy(LakeTable table, Table now, String select, Path output) {
        return run("copy ("
                        + select
                        + ") to "
                        + Statements.quoted(output.toString())
                        + " (format parquet, compression zstd, row_group_size "
                        + ROW_GROUP
                        + ", field_ids "
                        + table.fieldIds(column -> now.schema().findField(column).fieldId())
                        + ", return_stats)")
                .getFirst();
    }

    /** Forces the files and the names that they get; nothing may be committed before. */
    public RangeFiles publish(RangeFiles staged) {
        RangeFiles published = new RangeFiles(staged.range());
        String name = staged.range().fileName(epoch);
        for (LakeTable table : LakeTable.values()) {
            published.put(table, publish(table, name, staged.of(table)));
        }
        clear(lake.staging());
        return published;
    }

    private List<StoredFile> publish(LakeTable table, String name, List<StoredFile> staged) {
        List<StoredFile> published = new ArrayList<>();
        for (StoredFile file : staged) {
            disk.forceFile(file.file());
            Path place = lake.data(table).resolve(name + "-" + published.size() + ".parquet");
            disk.rename(file.file(), place);
            published.add(file.at(place));
        }
        if (!published.isEmpty()) {
            disk.forceFolder(lake.data(table));
        }
        return published;
    }

    /**
     * Makes the rejected items part of their table. They go before the events, whose position is
     * the loader's own: after a crash in between, the next attempt finds them there.
     */
    public void commitRejected(RangeFiles files) {
        if (!files.of(LakeTable.REJECTED).isEmpty()) {
            lake.append(LakeTable.REJECTED, files.range(), epoch, files.of(LakeTable.REJECTED), "");
        }
    }

    /** Makes the events part of their table, and the range loaded. */
    public void commitEvents(RangeFiles files, String tally) {
        lake.append(LakeTable.EVENTS, files.range(), epoch, files.of(LakeTable.EVENTS), tally);
    }

    /**
     * Writes rows of {@code old}, which lie in one folder, as a durable file of their own; none
     * when no row is left.
     */
    List<StoredFile> rewrite(LakeTable table, String select, List<DataFile> old, String name) {
        disk.createFolders(lake.staging());
        Path staged = lake.staging().resolve(name + ".parquet");
        Table now = lake.table(table);
        List<JsonNode> written = copy(table, now, select, staged);
        if (written.get(1).longValue() == 0) {
            disk.delete(staged);
            return List.of();
        }
        StoredFile file =
                StoredFile.inPlaceOf(
                        now, old, staged, written.get(1).longValue(), written.get(2).longValue());
        return publish(table, name, List.of(file));
    }

    void replace(LakeTable table, List<DataFile> old, List<StoredFile> fresh) {
        try {
            lake.replace(table, old, fresh, epoch);
        } catch (ValidationException | LoaderFenced notCommitted) {
            forget(fresh);
            throw notCommitted;
        }
    }

    /** The same rows in other files. */
    void merge(LakeTable table, List<DataFile> old, List<StoredFile> fresh) {
        long rows = old.stream().mapToLong(DataFile::recordCount).sum();
        long written = fresh.stream().mapToLong(StoredFile::rows).sum();
        try {
            if (written != rows) {
                throw new ValidationException(
                        "%d rows of %s became %d", rows, table.table(), written);
            }
            lake.merge(table, old, fresh, epoch);
        } catch (ValidationException | LoaderFenced notCommitted) {
            forget(fresh);
            throw notCommitted;
        }
    }

    /** No table knows them, so nobody else would delete them, and a person may be in them. */
    private void forget(List<StoredFile> files) {
        files.forEach(file -> disk.delete(file.file()));
    }

    List<List<JsonNode>> run(String sql) {
        return engine.run(sql);
    }

    Lake lake() {
        return lake;
    }

    /** Leftovers of a writer that ended between publish and commit are in no table. */
    private void sweep() {
        clear(lake.staging());
        for (LakeTable table : LakeTable.values()) {
            Set<Path> known = new HashSet<>();
            lake.files(table, Expressions.alwaysTrue())
                    .forEach(file -> known.add(LakeFiles.path(file.location())));
            for (Path file : disk.list(lake.data(table))) {
                boolean ours = OUR_FILE.matcher(String.valueOf(file.getFileName())).matches();
                if (ours && !known.contains(file)) {
                    disk.delete(file);
                }
            }
        }
    }

    private void clear(Path path) {
        if (!disk.exists(path)) {
            return;
        }
        if (Files.isDirectory(path)) {
            disk.list(path).forEach(this::clear);
        }
        disk.delete(path);
    }

    public void stopIdle(Duration unused) {
        engine.stopIdle(unused);
    }

    @Override
    public void close() {
        engine.close();
    }
}
