package dev.quintet.analytics;

import blue.strategic.parquet.Hydrator;
import blue.strategic.parquet.ParquetReader;
import dev.quintet.platform.sql.DatabaseUrl;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.jdbc.JdbcCatalog;

/**
 * Reads the lake as a stranger would: Iceberg's stock catalog names the files, parquet-hadoop reads
 * them. It shares nothing with DuckDB.
 */
final class SecondReader {

    private SecondReader() {}

    /** Every row of a table, by column name. */
    static List<Map<String, Object>> rows(DatabaseUrl url, String table) throws IOException {
        List<Map<String, Object>> rows = new ArrayList<>();
        for (File file : files(url, table)) {
            rows.addAll(rows(file));
        }
        return rows;
    }

    static List<Map<String, Object>> rows(File file) throws IOException {
        try (Stream<Map<String, Object>> read =
                ParquetReader.streamContent(file, new Row(), path -> String.join(".", path))) {
            return read.toList();
        }
    }

    static List<File> files(DatabaseUrl url, String table) throws IOException {
        List<File> files = new ArrayList<>();
        try (var catalog = new JdbcCatalog(options -> new TestFiles(), null, false)) {
            catalog.initialize(
                    "quintet",
                    Map.of(
                            "uri",
                            url.jdbc() + "?currentSchema=analytics",
                            "jdbc.user",
                            url.user(),
                            "jdbc.password",
                            url.password(),
                            "warehouse",
                            "file:///unused"));
            try (CloseableIterable<FileScanTask> tasks =
                    catalog.loadTable(TableIdentifier.of("analytics", table))
                            .newScan()
                            .planFiles()) {
                tasks.forEach(task -> files.add(new File(URI.create(task.file().location()))));
            }
        }
        return files;
    }

    private static final class Row
            implements Hydrator<Map<String, Object>, Map<String, Object>, String> {

        @Override
        public Map<String, Object> start() {
            return new HashMap<>();
        }

        @Override
        public Map<String, Object> add(Map<String, Object> row, String column, Object value) {
            row.put(column, value);
            return row;
        }

        @Override
        public Map<String, Object> finish(Map<String, Object> row) {
            return row;
        }
    }
}
