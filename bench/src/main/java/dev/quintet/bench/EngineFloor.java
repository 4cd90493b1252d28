package dev.quintet.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * What DuckDB alone takes to make a Parquet file of raw events, without any rule or check. The main
 * class of a process of its own, with the engine of the built server on its class path.
 */
final class EngineFloor {

    private EngineFloor() {}

    /**
     * Arguments: a file of events as lines; how often it is read. Prints processor microseconds an
     * event.
     */
    public static void main(String[] arguments) throws SQLException, IOException {
        Path events = Path.of(arguments[0]);
        int times = Integer.parseInt(arguments[1]);
        Path parquet = events.resolveSibling("floor.parquet");
        try (Connection duckdb = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = duckdb.createStatement()) {
            statement.execute("set threads = 1");
            String copy =
                    """
                    copy (select "messageId", type, event, "userId", "anonymousId", timestamp,
                            properties, context
                        from read_json('%s', format = 'newline_delimited', columns = {
                            "messageId": 'varchar', type: 'varchar', event: 'varchar',
                            "userId": 'varchar', "anonymousId": 'varchar', timestamp: 'timestamptz',
                            properties: 'json', context: 'json'}))
                    to '%s' (format parquet, compression zstd)\
                    """
                            .formatted(events, parquet);
            long rows = statement.executeLargeUpdate(copy);
            Processes own = new Processes(ProcessHandle.current().pid());
            long before = own.cpu().toNanos();
            for (int n = 0; n < times; n++) {
                statement.executeLargeUpdate(copy);
            }
            System.out.println((own.cpu().toNanos() - before) / 1e3 / rows / times);
        } finally {
            Files.deleteIfExists(parquet);
        }
    }
}
