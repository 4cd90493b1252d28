package dev.quintet.analytics;

import dev.quintet.platform.DataSize;
import dev.quintet.platform.config.Setting;
import java.time.Duration;
import java.util.Optional;

/** Every setting of analytics. */
public record AnalyticsConfig(
        @Setting(
                        value = "The shortest time between two commits into the lake.",
                        byDefault = "1s",
                        min = "100ms",
                        max = "10m")
                Duration commitEvery,
        @Setting(
                        value =
                                "How long snapshots of the lake are kept for readers; an erased person's data lies in them as long.",
                        byDefault = "10m",
                        min = "1m",
                        max = "50m")
                Duration snapshotsKept,
        @Setting(
                        value =
                                "How many message ids of the last day are remembered to drop duplicates, the newest; 27 to 54 bytes each.",
                        byDefault = "2000000",
                        min = "1000")
                int rememberedIds,
        @Setting(
                        value = "How many queries run at once, each in a process of its own.",
                        byDefault = "2",
                        min = "1",
                        max = "16")
                int queriesAtOnce,
        @Setting(
                        value =
                                "The memory that one query may take; unset, a sixteenth of the server's, at most 1g.",
                        min = "32m",
                        max = "64g")
                Optional<DataSize> queryMemory,
        @Setting(
                        value =
                                "What one query may write to disk while its memory is full; at most a twentieth of the free disk.",
                        byDefault = "2g",
                        min = "16m")
                DataSize querySpill,
        @Setting(
                        value = "The time that one query may take, with waiting for its turn.",
                        byDefault = "20s",
                        min = "1s",
                        max = "10m")
                Duration queryTime,
        @Setting(
                        value = "The largest answer of one query.",
                        byDefault = "8m",
                        min = "64k",
                        max = "32m")
                DataSize queryAnswer,
        @Setting(
                        value =
                                "The memory that the loader's engine may take; unset, as one query, at least 128m.",
                        min = "128m",
                        max = "16g")
                Optional<DataSize> loaderMemory) {

    // Two threads read lines through buffers of 32 MiB each.
    private static final DataSize LEAST_OF_LOADER = DataSize.mebibytes(128);

    /**
     * What the loader's engine may take.
     *
     * @param engine what an engine may take where the settings do not say
     */
    public DataSize loaderMemory(DataSize engine) {
        return loaderMemory.orElse(new DataSize(Math.max(LEAST_OF_LOADER.bytes(), engine.bytes())));
    }
}
