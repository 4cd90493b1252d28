package dev.quintet.platform.sql;

import dev.quintet.platform.DataSize;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.concurrent.locks.LockSupport;

/**
 * A server that can be killed: holds the PostgreSQL of a folder, with one row and one open lock.
 */
final class PostgresHolder {

    private PostgresHolder() {}

    static PostgresProcess.Settings settings(Path home, Path library) {
        return new PostgresProcess.Settings(
                home, library, "a password that no file holds", DataSize.mebibytes(16), 20);
    }

    static void main(String... folders) throws SQLException {
        PostgresProcess process =
                PostgresProcess.start(settings(Path.of(folders[0]), Path.of(folders[1])));
        try (var connection = process.url().connect();
                var statement = connection.createStatement()) {
            statement.execute("insert into things values ('from the child')");
            connection.setAutoCommit(false);
            statement.execute("lock table things in access exclusive mode");
            System.out.println("holds " + process.pid().orElseThrow());
            while (true) {
                LockSupport.park();
            }
        }
    }
}
