package dev.quintet.analytics.lake;

import dev.quintet.platform.disk.Disk;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.function.BiConsumer;

/**
 * Reads back which messages the lake holds, so that what knows them is never stored apart from it.
 */
public final class KnownIds {

    private KnownIds() {}

    /**
     * Tells every message stored since then.
     *
     * @param each takes the MD5 in hex of {@code source message_id} and when the message came
     */
    public static void read(LakeWriter writer, Instant since, BiConsumer<String, Instant> each) {
        Lake lake = writer.lake();
        Disk disk = lake.disk();
        List<String> files = lake.filesSince(LakeTable.EVENTS, since);
        if (files.isEmpty()) {
            return;
        }
        disk.createFolders(lake.staging());
        Path ids = lake.staging().resolve("ids.csv");
        disk.delete(ids);
        writer.run(
                "copy (select md5(source || ' ' || message_id), epoch_us(received_at) from "
                        + LakeTable.parquet(files)
                        + " where received_at >= make_timestamptz("
                        + StoredFile.micros(since)
                        + ")) to "
                        + Statements.quoted(ids.toString())
                        + " (format csv, header false)");
        try (BufferedReader lines = Files.newBufferedReader(ids)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                int comma = line.indexOf(',');
                long micros = Long.parseLong(line.substring(comma + 1));
                each.accept(
                        line.substring(0, comma),
                        Instant.ofEpochSecond(
                                Math.floorDiv(micros, 1_000_000L),
                                Math.floorMod(micros, 1_000_000L) * 1_000L));
            }
        } catch (IOException failed) {
            throw new UncheckedIOException("the ids in " + ids + " could not be read", failed);
        }
        disk.delete(ids);
    }
}
