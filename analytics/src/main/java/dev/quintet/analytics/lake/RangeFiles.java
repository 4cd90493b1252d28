package dev.quintet.analytics.lake;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** The Parquet files of one range of the log, by table; none when nothing in it was new. */
public final class RangeFiles {

    private final LogRange range;
    private final Map<LakeTable, List<StoredFile>> files = new EnumMap<>(LakeTable.class);

    RangeFiles(LogRange range) {
        this.range = range;
    }

    public LogRange range() {
        return range;
    }

    /** The number of events that these files hold, as their writer counted. */
    public long events(String organisation) {
        return of(LakeTable.EVENTS).stream()
                .filter(file -> file.organisation().equals(organisation))
                .mapToLong(StoredFile::rows)
                .sum();
    }

    void put(LakeTable table, List<StoredFile> stored) {
        files.put(table, List.copyOf(stored));
    }

    List<StoredFile> of(LakeTable table) {
        return files.getOrDefault(table, List.of());
    }
}
