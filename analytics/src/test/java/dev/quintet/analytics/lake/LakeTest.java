package dev.quintet.analytics.lake;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quintet.platform.DataSize;
import dev.quintet.platform.disk.LocalDisk;
import dev.quintet.platform.log.Position;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.postgresql.ds.PGSimpleDataSource;

final class LakeTest {
    @TempDir Path folder;

    @Test
    void spike() throws Exception {
        var db = new PGSimpleDataSource();
        db.setUrl("jdbc:postgresql://localhost:54999/postgres?currentSchema=lt" + System.nanoTime());
        db.setUser("postgres");
        try (var c = db.getConnection(); var s = c.createStatement()) { s.execute("create schema " + db.getCurrentSchema()); }
        UUID org = UUID.randomUUID();
        long t = System.nanoTime();
        try (var disk = new LocalDisk(2); var lake = new Lake(disk, folder.resolve("lake"), InstantSource.system(), db)) {
            System.out.println("lake " + (System.nanoTime() - t) / 1000000);
            try (var writer = new LakeWriter(lake, folder.resolve("scratch"), DataSize.mebibytes(256))) {
                System.out.println("writer " + (System.nanoTime() - t) / 1000000);
                for (int i = 0; i < 5; i++) {
                    Lines lines = new Lines();
                    for (int k = 0; k < 100; k++) {
                        Map<String, Object> row = new LinkedHashMap<>();
                        row.put("organisation", org.toString());
                        row.put("source", "src");
                        row.put("message_id", "m" + k);
                        row.put("type", "track");
                        row.put("timestamp", 1795000000000000L + 60000000000L * k);
                        row.put("received_at", 1795000000000000L);
                        row.put("properties", "{\"a\":1}");
                        lines.add(row, Instant.ofEpochSecond(1795000000L));
                    }
                    var range = new LogRange(new Position(1, i * 100L), new Position(1, i * 100L + 100));
                    var staged = writer.stage(range, lines, new Lines());
                    System.out.println("stage " + (System.nanoTime() - t) / 1000000);
                    var published = writer.publish(staged);
                    System.out.println("publish " + (System.nanoTime() - t) / 1000000);
                    writer.commit(published, "{}");
                    writer.commit(published, "{}");
                    System.out.println("commit " + (System.nanoTime() - t) / 1000000);
                }
                assertThat(writer.position()).contains(new Position(1, 500));
                lake.expire(Duration.ZERO);
                try (var queries = new UserQueries(disk, folder.resolve("q"), new UserQueries.Bounds(1, DataSize.mebibytes(64), DataSize.mebibytes(1), Duration.ofSeconds(5)))) {
                    System.out.println(queries.run("select count(*), min(timestamp), max(timestamp) from events", lake.eventFiles(org), 10).rows());
                    System.out.println(lake.eventFiles(org).size() + " " + lake.eventFiles(UUID.randomUUID()).size());
                }
                int[] n = {0};
                KnownIds.read(writer, Instant.ofEpochSecond(1794900000L), (h, r) -> n[0]++);
                System.out.println("ids " + n[0] + " " + (System.nanoTime() - t) / 1000000);
                try (var s = java.nio.file.Files.walk(folder.resolve("lake"))) { System.out.println(s.filter(java.nio.file.Files::isRegularFile).count()); }
            }
        }
    }
}
