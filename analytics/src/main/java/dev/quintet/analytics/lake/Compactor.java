package dev.quintet.analytics.lake;

import static java.util.stream.Collectors.groupingBy;

import dev.quintet.platform.DataSize;
import dev.quintet.platform.Deadline;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.ToLongFunction;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.Expressions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Merges small files of the same organisation and day: ten or more of about the same size become
 * one, so that a row is written again once for each power of ten. A merge is one commit; a process
 * that ends before it leaves a file that no table knows, which the next one deletes. Used by the
 * loader's thread, between its ranges.
 */
public final class Compactor {

    private static final Logger LOG = LoggerFactory.getLogger(Compactor.class);

    private static final int FEWEST = 10;
    private static final int MOST = 200;

    /** What is merged at once: loading waits for so long. */
    private static final DataSize MOST_BYTES = DataSize.mebibytes(128);

    private static final Duration LEFT_FOR = Duration.ofHours(1);

    /** How long after its day something may still be loaded, and its small files be few. */
    private static final Duration FRESH = Duration.ofDays(3);

    /** Files below it are of one size. */
    private static final long SMALL = DataSize.kibibytes(10).bytes();

    private final LakeWriter writer;
    private final Deque<Merge> waiting = new ArrayDeque<>();

    /** Where a merge has failed: nothing is tried there until then. */
    private final Map<Group, Deadline> left = new HashMap<>();

    /** Whether a look at all files has found nothing. */
    private boolean looked;

    private record Merge(LakeTable table, List<DataFile> files) {}

    /** What lies in one folder: files of two are never merged. */
    private record Group(int spec, String organisation, int day) {

        static Group of(DataFile file) {
            return new Group(
                    file.specId(),
                    file.partition().get(0, String.class),
                    file.partition().get(1, Integer.class));
        }
    }

    public Compactor(LakeWriter writer) {
        this.writer = writer;
    }

    /** Looks what is to be merged now: at first everywhere, then where files still come. */
    public void plan(Instant now) {
        waiting.clear();
        Expression where =
                looked
                        ? Expressions.greaterThanOrEqual(
                                LakeTable.RECEIVED, StoredFile.micros(now.minus(FRESH)))
                        : Expressions.alwaysTrue();
        try {
            for (LakeTable table : LakeTable.values()) {
                plan(table, where);
            }
            looked |= waiting.isEmpty();
        } catch (RuntimeException failed) {
            LOG.warn("no files are merged for now: {}", failed.getMessage());
        }
    }

    private void plan(LakeTable table, Expression where) {
        left.values().removeIf(Deadline::passed);
        writer.lake().files(table, where).stream()
                .collect(groupingBy(Group::of))
                .forEach((group, files) -> {
                    if (!left.containsKey(group)) {
                        merges(files, DataFile::fileSizeInBytes)
                                .forEach(some -> waiting.add(new Merge(table, some)));
                    }
                });
    }

    /** The merges of some files of one folder, those of the smallest first. */
    static <T> List<List<T>> merges(Collection<T> files, ToLongFunction<T> bytes) {
        Map<Integer, List<T>> bySize = new LinkedHashMap<>();
        files.stream()
                .sorted(Comparator.comparingLong(bytes))
                .forEach(file ->
                        bySize.computeIfAbsent(
                                        magnitude(bytes.applyAsLong(file)),
                                        magnitude -> new ArrayList<>())
                                .add(file));
        List<List<T>> merges = new ArrayList<>();
        for (List<T> alike : bySize.values()) {
            List<T> merge = new ArrayList<>();
            long sum = 0;
            for (T file : alike) {
                long size = bytes.applyAsLong(file);
                if (merge.size() == MOST || sum + size > MOST_BYTES.bytes()) {
                    merges.add(merge);
                    merge = new ArrayList<>();
                    sum = 0;
                }
                merge.add(file);
                sum += size;
            }
            merges.add(merge);
        }
        merges.removeIf(merge -> merge.size() < FEWEST);
        return merges;
    }

    private static int magnitude(long bytes) {
        int magnitude = 0;
        for (long limit = SMALL; bytes >= limit; limit *= 10) {
            magnitude++;
        }
        return magnitude;
    }

    /** Somebody else has rewritten files: what was planned may hold some of them. */
    public void forget() {
        waiting.clear();
    }

    public boolean hasWork() {
        return !waiting.isEmpty();
    }

    /** The next merge, if any. One that fails costs nothing but its own: the files stay. */
    public void step() {
        Merge merge = waiting.poll();
        if (merge == null) {
            return;
        }
        try {
            merge(merge);
        } catch (LoaderFenced over) {
            throw over;
        } catch (RuntimeException failed) {
            left.put(Group.of(merge.files.getFirst()), Deadline.in(LEFT_FOR));
            LOG.warn(
                    "{} files of {} could not be merged and stay as they are for an hour: {}",
                    merge.files.size(),
                    merge.table.table(),
                    failed.getMessage());
        }
    }

    private void merge(Merge merge) {
        DataFile first = merge.files.getFirst();
        String select =
                merge.table.rowsOf(
                        first.partition().get(0, String.class),
                        LakeFiles.paths(merge.files),
                        LakeTable.Column::name);
        writer.merge(
                merge.table,
                merge.files,
                writer.rewrite(merge.table, select, merge.files, "rewrite-" + UUID.randomUUID()));
    }
}
