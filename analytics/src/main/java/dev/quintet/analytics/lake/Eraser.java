package dev.quintet.analytics.lake;

import dev.quintet.platform.DataSize;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.apache.iceberg.DataFile;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Rewrites the data files of an organisation that hold somebody, in steps between which events are
 * loaded: the person's own events go, and so do the anonymous ones of the same devices; where
 * others' events only mention the person, the id is blotted out. Another organisation's rows are
 * its own, whatever ids they hold. Copy on write, so that no reader ever meets a delete file. What
 * is loaded after its beginning is not looked at. Used by the loader's thread; no files may be
 * merged meanwhile.
 */
public final class Eraser {

    private static final Logger LOG = LoggerFactory.getLogger(Eraser.class);

    /** What one step may read, usually: loading waits for so long. */
    public static final DataSize STEP = DataSize.mebibytes(32);

    private final LakeWriter writer;
    private final UUID organisation;
    private final ErasureSql sql;
    private final Deque<Runnable> steps = new ArrayDeque<>();
    private boolean told;

    /**
     * @param step what one may read, if it is more than a file
     */
    public Eraser(LakeWriter writer, UUID organisation, Set<Subject> subjects, DataSize step) {
        this.writer = writer;
        this.organisation = organisation;
        this.sql = new ErasureSql(subjects);
        List<List<DataFile>> events = inSteps(LakeTable.EVENTS, step);
        if (sql.hasUsers()) {
            events.forEach(some -> steps.add(() -> findDevices(some)));
        }
        events.forEach(some -> steps.add(() -> rewrite(LakeTable.EVENTS, some)));
        inSteps(LakeTable.REJECTED, step)
                .forEach(some -> steps.add(() -> rewrite(LakeTable.REJECTED, some)));
    }

    /** Whether all is done. */
    public boolean isDone() {
        return steps.isEmpty();
    }

    public void step() {
        steps.remove().run();
    }

    private List<List<DataFile>> inSteps(LakeTable table, DataSize step) {
        List<List<DataFile>> all = new ArrayList<>();
        List<DataFile> some = new ArrayList<>();
        long bytes = 0;
        for (DataFile file : writer.lake().files(table, Lake.ofOrganisation(organisation))) {
            if (!some.isEmpty() && bytes + file.fileSizeInBytes() > step.bytes()) {
                all.add(some);
                some = new ArrayList<>();
                bytes = 0;
            }
            some.add(file);
            bytes += file.fileSizeInBytes();
        }
        if (!some.isEmpty()) {
            all.add(some);
        }
        return all;
    }

    private void findDevices(List<DataFile> files) {
        writer.run(sql.devicesOf(LakeFiles.paths(files)))
                .forEach(row -> sql.found(row.getFirst().stringValue()));
        if (sql.isFull() && !told) {
            told = true;
            LOG.warn(
                    "an erasure in {} finds {} devices, which is the most: of further ones only the"
                            + " events that name the user go",
                    organisation,
                    ErasureSql.MOST_DEVICES);
        }
    }

    private void rewrite(LakeTable table, List<DataFile> files) {
        Set<String> touched = touched(table, files);
        List<DataFile> old = new ArrayList<>();
        List<StoredFile> fresh = new ArrayList<>();
        for (DataFile file : files) {
            String path = LakeFiles.path(file.location()).toString();
            if (touched.contains(path)) {
                old.add(file);
                fresh.addAll(without(table, file, path));
            }
        }
        if (!old.isEmpty()) {
            writer.replace(table, old, fresh);
        }
    }

    /** The paths of those files that hold such a row. */
    private Set<String> touched(LakeTable table, List<DataFile> files) {
        String select =
                "select distinct filename from "
                        + LakeTable.parquet(LakeFiles.paths(files))
                        + " where "
                        + sql.gone(table)
                        + " or "
                        + sql.names(table);
        return writer.run(select).stream()
                .map(row -> row.getFirst().stringValue())
                .collect(Collectors.toSet());
    }

    private List<StoredFile> without(LakeTable table, DataFile file, String path) {
        String select =
                table.rowsOf(file.partition().get(0, String.class), List.of(path), sql::blotted)
                        + " where not "
                        + sql.gone(table);
        return writer.rewrite(table, select, List.of(file), "rewrite-" + UUID.randomUUID());
    }
}
