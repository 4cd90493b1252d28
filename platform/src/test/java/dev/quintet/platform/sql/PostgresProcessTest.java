package dev.quintet.platform.sql;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.quintet.platform.Await;
import dev.quintet.platform.ChildJvm;
import dev.quintet.platform.StartRefused;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * One real cluster, whose server, postmaster or both are killed in every way that we survive. Each
 * guard was taken out once, and its test here failed: no end of other sessions, no correction of
 * the pid file, no patience with the dying, no check of each setting.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class PostgresProcessTest {

    private static final Path LIBRARY =
            Path.of(
                    System.getProperty("java.io.tmpdir"),
                    "quintet-test-" + System.getProperty("user.name"));

    private final Path home =
            Path.of("target", "killed-" + ProcessHandle.current().pid()).toAbsolutePath();
    private final PostgresProcess.Settings settings = PostgresHolder.settings(home, LIBRARY);
    private final List<Process> children = new ArrayList<>();
    private PostgresProcess process;

    @BeforeAll
    void makeTable() throws SQLException {
        process = PostgresProcess.start(settings);
        execute("create table things (name text)");
        process.close();
    }

    @BeforeEach
    void start() {
        process = PostgresProcess.start(settings);
    }

    @AfterEach
    void stop() throws Exception {
        process.close();
        for (Process child : children) {
            child.destroyForcibly().waitFor();
        }
    }

    @AfterAll
    void delete() throws IOException {
        PostgresBinaries.delete(home);
    }

    @Test
    void after_a_kill_of_postgres_the_next_start_serves_what_was_committed() throws Exception {
        execute("insert into things values ('before the kill')");
        kill(postmaster());
        process = PostgresProcess.start(settings);
        assertThat(count("before the kill")).isEqualTo(1);
    }

    @Test
    void a_kept_postgres_that_is_killed_serves_again_at_its_address_each_time() throws Exception {
        process.keepAlive();
        for (String name : List.of("first life", "second life")) {
            ProcessHandle killed = postmaster();
            execute("insert into things values ('" + name + "')");
            kill(killed);
            Await.until("it serves again", this::serves);
            assertThat(postmaster()).isNotEqualTo(killed);
            assertThat(count(name)).isEqualTo(1);
        }
        process.close();
        Await.until("it stays closed", () -> process.pid().isEmpty() && !serves());
    }

    /** Starting beside that child would let two write the same files; it is waited for instead. */
    @Test
    void a_killed_postgres_whose_child_still_works_is_waited_for() throws Exception {
        try (Connection busy = process.url().connect();
                var work = busy.createStatement();
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Boolean> working =
                    threads.submit(() ->
                            work.execute("select count(*) from generate_series(1, 8000000) n"));
            Await.until("it works", () -> running("generate_series") == 1);
            kill(postmaster());
            process = PostgresProcess.start(settings);
            assertThat(working.isDone()).isTrue();
        }
        assertThat(running("generate_series")).isZero();
    }

    @Test
    void after_a_kill_of_the_server_its_postgres_is_adopted_and_what_it_held_is_free()
            throws Exception {
        execute("delete from things");
        process.close();
        Process server = server();
        ProcessHandle orphan = postmaster();
        try (Connection left = urlOfRunning().connect()) {
            server.destroyForcibly().waitFor();
            process = PostgresProcess.start(settings);
            assertThat(postmaster()).isEqualTo(orphan);
            assertThat(left.isValid(5)).isFalse();
        }
        execute("set lock_timeout = '1s'; lock table things in access exclusive mode");
        assertThat(count("from the child")).isEqualTo(1);
    }

    @Test
    void after_a_kill_of_both_the_next_start_serves_what_was_committed() throws Exception {
        execute("delete from things");
        process.close();
        Process server = server();
        ProcessHandle killed = postmaster();
        server.destroyForcibly();
        killed.destroyForcibly();
        process = PostgresProcess.start(settings);
        assertThat(postmaster()).isNotEqualTo(killed);
        assertThat(count("from the child")).isEqualTo(1);
    }

    @Test
    void a_postgres_that_is_just_ending_is_waited_for() throws Exception {
        ProcessHandle ending = postmaster();
        Connection open = process.url().connect();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            // A smart shutdown: it refuses new sessions and ends with the last one.
            ending.destroy();
            Await.until("it refuses new sessions", () -> !serves());
            Future<PostgresProcess> next = threads.submit(() -> PostgresProcess.start(settings));
            assertThat(open.isValid(5)).isTrue();
            assertThat(ending.isAlive()).isTrue();
            open.close();
            process = next.get();
        }
        assertThat(postmaster()).isNotEqualTo(ending);
        assertThat(serves()).isTrue();
    }

    /**
     * Without the correction PostgreSQL says that the lock file already exists, and does not start.
     */
    @Test
    void a_pid_file_that_names_another_program_is_no_obstacle() throws Exception {
        Process sleeper = child("sleep", "600");
        Process namesake = child("bash", "-c", "exec -a /elsewhere/postgres sleep 600");
        Await.until("it has its name", () -> !commandOf(namesake).contains("exec"));
        for (Process other : List.of(sleeper, namesake)) {
            List<String> lines = Files.readAllLines(pidFile(), UTF_8);
            kill(postmaster());
            lines.set(0, Long.toString(other.pid()));
            Files.write(pidFile(), lines);
            process = PostgresProcess.start(settings);
            assertThat(serves()).isTrue();
            assertThat(other.isAlive()).isTrue();
        }
    }

    @Test
    void a_pid_file_that_a_power_cut_left_empty_is_no_obstacle() throws Exception {
        kill(postmaster());
        Files.writeString(pidFile(), "");
        process = PostgresProcess.start(settings);
        assertThat(serves()).isTrue();
    }

    @Test
    void a_cluster_that_does_not_force_its_writes_is_refused_and_not_left_running()
            throws Exception {
        process.close();
        Path own = home.resolve("data/postgresql.auto.conf");
        String before = Files.readString(own);
        Files.writeString(own, "fsync = off\n", StandardOpenOption.APPEND);
        try {
            assertThatThrownBy(() -> PostgresProcess.start(settings))
                    .isInstanceOf(StartRefused.class)
                    .hasMessageContaining("fsync = off");
            assertThat(process.pid()).isEmpty();
        } finally {
            Files.writeString(own, before);
        }
    }

    @Test
    void an_external_database_that_may_lose_what_it_acknowledged_is_refused() throws Exception {
        for (String setting : List.of("fsync", "full_page_writes", "synchronous_commit")) {
            execute("alter system set %s = off".formatted(setting));
            try {
                execute("select pg_reload_conf()");
                Await.until("it is off", () -> text("show " + setting).equals("off"));
                assertThatThrownBy(() ->
                                Database.open(
                                        process.url(), Database.Limits.DEFAULT, (tx, events) -> {}))
                        .isInstanceOf(StartRefused.class)
                        .hasMessageContaining(setting + " = off");
            } finally {
                execute("alter system reset " + setting);
                execute("select pg_reload_conf()");
            }
        }
    }

    @Test
    void another_master_key_is_refused_and_the_cluster_stays_as_it_was() {
        var other =
                new PostgresProcess.Settings(
                        home, LIBRARY, "another", settings.sharedBuffers(), 20);
        assertThatThrownBy(() -> PostgresProcess.start(other))
                .isInstanceOf(StartRefused.class)
                .hasMessageContaining("another master key");
        assertThat(serves()).isTrue();
    }

    /** What a terminal sends to our whole group must not reach PostgreSQL. */
    @Test
    void postgres_is_in_a_session_of_its_own() throws Exception {
        String ours = sessionAndGroup(ProcessHandle.current());
        String its = sessionAndGroup(postmaster());
        assertThat(sessionAndGroup(child("sleep", "600").toHandle())).isEqualTo(ours);
        assertThat(its.split(" +")).doesNotContain(ours.split(" +"));
    }

    @Test
    void no_file_and_no_command_line_holds_the_password() throws Exception {
        byte[] secret = settings.password().getBytes(UTF_8);
        try (Stream<Path> files = Files.walk(home)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                assertThat(holds(Files.readAllBytes(file), secret)).as(file.toString()).isFalse();
            }
        }
        assertThat(postmaster().info().commandLine().orElse("")).doesNotContain("password");
        assertThat(settings.toString() + process + process.url()).doesNotContain("no file holds");
    }

    @Test
    void as_root_it_runs_as_the_owner_of_its_folder() throws Exception {
        assumeTrue(
                (Integer) Files.getAttribute(Path.of("target"), "unix:uid") == 0,
                "only root gives a folder away");
        Path given = Files.createTempDirectory("quintet-given-");
        try {
            Files.setOwner(
                    given,
                    given.getFileSystem()
                            .getUserPrincipalLookupService()
                            .lookupPrincipalByName("nobody"));
            try (PostgresProcess its =
                    PostgresProcess.start(PostgresHolder.settings(given, LIBRARY))) {
                assertThat(ProcessHandle.of(its.pid().orElseThrow()).orElseThrow().info().user())
                        .hasValue("nobody");
            }
        } finally {
            PostgresBinaries.delete(given);
        }
    }

    private Process server() throws IOException {
        Process server = ChildJvm.start(PostgresHolder.class, home.toString(), LIBRARY.toString());
        children.add(server);
        ChildJvm.said(server, "holds ");
        return server;
    }

    private Process child(String... command) throws IOException {
        Process child = new ProcessBuilder(command).redirectErrorStream(true).start();
        children.add(child);
        return child;
    }

    private static void kill(ProcessHandle process) {
        process.destroyForcibly();
        Await.until("it is dead", () -> !process.isAlive());
    }

    private ProcessHandle postmaster() {
        return ProcessHandle.of(process.pid().orElseThrow()).orElseThrow();
    }

    private Path pidFile() {
        return home.resolve("data/postmaster.pid");
    }

    private DatabaseUrl urlOfRunning() throws IOException {
        int port = Integer.parseInt(Files.readAllLines(pidFile(), UTF_8).get(3).strip());
        return DatabaseUrl.local(port, "quintet", PostgresProcess.USER, settings.password());
    }

    private static String commandOf(Process process) {
        return process.info().commandLine().orElse("");
    }

    private static String sessionAndGroup(ProcessHandle process) throws IOException {
        Process ps =
                new ProcessBuilder("ps", "-o", "sess=,pgid=", "-p", Long.toString(process.pid()))
                        .start();
        return new String(ps.getInputStream().readAllBytes(), UTF_8).strip();
    }

    private boolean serves() {
        try (Connection connection = process.url().connect()) {
            return connection.isValid(5);
        } catch (SQLException refused) {
            return false;
        }
    }

    private void execute(String sql) throws SQLException {
        try (Connection connection = process.url().connect();
                var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private int running(String part) {
        return Integer.parseInt(
                text(
                        "select count(*) from pg_stat_activity where state = 'active' and pid <> pg_backend_pid() and query like '%"
                                + part
                                + "%'"));
    }

    private int count(String name) {
        return Integer.parseInt(text("select count(*) from things where name = '" + name + "'"));
    }

    private String text(String sql) {
        try (Connection connection = process.url().connect();
                var statement = connection.createStatement();
                var row = statement.executeQuery(sql)) {
            row.next();
            return row.getString(1);
        } catch (SQLException failure) {
            throw new IllegalStateException(sql, failure);
        }
    }

    private static boolean holds(byte[] all, byte[] part) {
        return new String(all, ISO_8859_1).contains(new String(part, ISO_8859_1));
    }
}
