package dev.quintet.platform.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.quintet.platform.Await;
import dev.quintet.platform.StartRefused;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A stock pgbouncer between us and PostgreSQL: works, or is refused in a sentence. */
final class PoolerTest {

    private static final Path PROGRAM = Path.of("/usr/sbin/pgbouncer");

    @TempDir private Path folder;

    @Test
    void one_that_pools_by_transaction_is_refused_before_anything_is_migrated() throws Exception {
        DatabaseUrl database = TestDatabase.empty();
        try (Pooler pooler = Pooler.start(folder, database, "transaction")) {
            assertThatThrownBy(() -> new Migrations(pooler.url).migrate(List.of()))
                    .isInstanceOf(StartRefused.class)
                    .hasMessageContaining("a connection pooler such as pgbouncer")
                    .hasMessageContaining("let it pool by session");
            assertThatThrownBy(() -> open(pooler.url))
                    .hasMessageContaining("a connection pooler such as pgbouncer");
        }
        try (var connection = database.connect();
                var statement = connection.createStatement();
                var row = statement.executeQuery("select to_regnamespace('platform')")) {
            row.next();
            assertThat(row.getString(1)).isNull();
        }
    }

    private static Database open(DatabaseUrl url) {
        return Database.open(url, Database.Limits.DEFAULT, (tx, events) -> {});
    }

    @Test
    void one_that_pools_by_session_works_and_questions_have_their_time_limit() throws Exception {
        try (Pooler pooler = Pooler.start(folder, TestDatabase.empty(), "session")) {
            new Migrations(pooler.url).migrate(List.of());
            try (Database db = open(pooler.url)) {
                String limit =
                        db.read(tx ->
                                tx.handle()
                                        .createQuery("select current_setting('statement_timeout')")
                                        .mapTo(String.class)
                                        .one());
                assertThat(limit).isEqualTo(Database.Limits.DEFAULT.statement().toSeconds() + "s");
            }
        }
    }

    private record Pooler(Process process, DatabaseUrl url) implements AutoCloseable {

        static Pooler start(Path folder, DatabaseUrl database, String mode) throws IOException {
            if (!Files.isExecutable(PROGRAM)) {
                System.out.println("SKIPPED: no pgbouncer: what it is told");
            }
            assumeTrue(Files.isExecutable(PROGRAM), "pgbouncer is not installed");
            String address = database.jdbc().replaceFirst("^jdbc:postgresql://", "");
            String host = address.substring(0, address.indexOf(':'));
            String port = address.substring(address.indexOf(':') + 1, address.indexOf('/'));
            int own;
            try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
                own = free.getLocalPort();
            }
            Path config =
                    Files.writeString(
                            folder.resolve("pgbouncer.ini"),
                            """
                            [databases]
                            * = host=%s port=%s user=%s password='%s'
                            [pgbouncer]
                            listen_addr = 127.0.0.1
                            listen_port = %d
                            unix_socket_dir =
                            auth_type = any
                            pool_mode = %s
                            """
                                    .formatted(
                                            host,
                                            port,
                                            database.user(),
                                            database.password().replace("'", "''"),
                                            own,
                                            mode));
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
            List<String> command = new ArrayList<>(List.of(PROGRAM.toString()));
            if (System.getProperty("user.name").equals("root")) {
                command.addAll(List.of("-u", "nobody"));
            }
            command.add(config.toString());
            Process process =
                    new ProcessBuilder(command)
                            .redirectErrorStream(true)
                            .redirectOutput(folder.resolve("pgbouncer.log").toFile())
                            .start();
            String path = address.substring(address.indexOf('/'));
            Pooler pooler =
                    new Pooler(
                            process,
                            new DatabaseUrl(
                                    "jdbc:postgresql://127.0.0.1:" + own + path,
                                    database.user(),
                                    "any"));
            Await.until("it answers", pooler::answers);
            return pooler;
        }

        private boolean answers() {
            try (var _ = url.connect()) {
                return true;
            } catch (SQLException notYet) {
                return false;
            }
        }

        @Override
        public void close() {
            process.destroy();
            process.onExit().join();
        }
    }
}
