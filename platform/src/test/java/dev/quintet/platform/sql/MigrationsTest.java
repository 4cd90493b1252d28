package dev.quintet.platform.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quintet.platform.Await;
import dev.quintet.platform.StartRefused;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** Nodes that start at once bring an empty database up together. */
final class MigrationsTest {

    @Test
    void two_nodes_at_once_run_each_migration_once() throws Exception {
        DatabaseUrl url = TestDatabase.empty();
        CountDownLatch start = new CountDownLatch(1);
        List<Future<?>> nodes = new ArrayList<>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int node = 0; node < 2; node++) {
                nodes.add(
                        threads.submit(() -> {
                            start.await();
                            new Migrations(url).migrate(List.of());
                            return true;
                        }));
            }
            start.countDown();
        }
        for (Future<?> node : nodes) {
            node.get();
        }
        assertThat(
                        text(
                                url,
                                "select count(version) - count(distinct version) from platform.schema_history"))
                .isEqualTo("0");
        assertThat(text(url, "select bool_and(success) from platform.schema_history"))
                .isEqualTo("t");
        assertThat(text(url, "select count(*) from platform.outbox_state")).isEqualTo("1");
    }

    /** Without a lock timeout everybody else would queue behind the migration that waits. */
    @Test
    void a_migration_waits_for_a_lock_only_briefly_and_comes_again() throws Exception {
        DatabaseUrl url = TestDatabase.empty();
        new Migrations(url).migrate(List.of());
        try (Connection busy = url.connect();
                var statement = busy.createStatement();
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            busy.setAutoCommit(false);
            statement.execute("delete from platform.schema_files");
            busy.commit();
            statement.execute("lock table platform.schema_history in access exclusive mode");
            Future<?> node = threads.submit(() -> new Migrations(url).migrate(List.of()));
            Await.until("it waits", () -> waiting(url) == 1);
            Await.until("it gave up for now", () -> waiting(url) == 0);
            assertThat(node.isDone()).isFalse();
            busy.rollback();
            node.get();
        }
    }

    @Test
    void what_this_release_brought_up_is_not_looked_at_again_and_what_another_did_is()
            throws Exception {
        DatabaseUrl url = TestDatabase.empty();
        new Migrations(url).migrate(List.of());
        try (Connection busy = url.connect();
                var statement = busy.createStatement()) {
            busy.setAutoCommit(false);
            statement.execute("lock table platform.schema_history in access exclusive mode");
            new Migrations(url).migrate(List.of());
            busy.rollback();
            statement.execute("update platform.schema_files set files = 'another release'");
            statement.execute(
                    "update platform.schema_history set checksum = 1 where version = '002'");
            busy.commit();
        }
        assertThatThrownBy(() -> new Migrations(url).migrate(List.of()))
                .isInstanceOf(StartRefused.class)
                .hasMessageContaining("platform");
        assertThat(text(url, "select files from platform.schema_files"))
                .as("nothing was brought up")
                .isEqualTo("another release");
    }

    private static int waiting(DatabaseUrl url) {
        try {
            return Integer.parseInt(
                    text(
                            url,
                            "select count(*) from pg_locks where not granted and locktype = 'relation'"));
        } catch (SQLException failure) {
            throw new IllegalStateException(failure);
        }
    }

    private static String text(DatabaseUrl url, String sql) throws SQLException {
        try (Connection connection = url.connect();
                var statement = connection.createStatement();
                var rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getString(1);
        }
    }
}
