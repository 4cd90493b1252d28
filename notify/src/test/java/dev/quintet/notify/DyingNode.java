package dev.quintet.notify;

import dev.quintet.platform.Ids;
import dev.quintet.platform.bus.LocalBus;
import dev.quintet.platform.caller.Caller;
import dev.quintet.platform.keys.Keys;
import dev.quintet.platform.keys.MasterKey;
import dev.quintet.platform.people.People;
import dev.quintet.platform.sql.Database;
import dev.quintet.platform.sql.DatabaseUrl;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/**
 * A notify node in a JVM of its own, which accepts one mail and is killed with SIGKILL the moment
 * the server said 250.
 */
final class DyingNode {

    record Killed(String notification) {}

    private DyingNode() {}

    static Killed killedRightAfter250(DatabaseUrl url, ScriptedSmtp smtp, UUID node)
            throws IOException, InterruptedException, SQLException {
        ProcessBuilder builder =
                new ProcessBuilder(
                        ProcessHandle.current().info().command().orElseThrow(),
                        "-Xmx256m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        DyingNode.class.getName(),
                        smtp.url(),
                        node.toString());
        builder.environment()
                .putAll(
                        Map.of(
                                "NODE_JDBC",
                                url.jdbc(),
                                "NODE_USER",
                                url.user(),
                                "NODE_PASSWORD",
                                url.password()));
        Process process = builder.redirectErrorStream(true).start();
        // The table lock keeps the node from storing the outcome in the instant before the kill
        // arrives.
        AtomicReference<Connection> lock = new AtomicReference<>();
        smtp.aroundAnswer(() -> lock.set(lockDeliveries(url)), process::destroyForcibly);
        Thread.ofVirtual().start(() -> endWithin(process, 60));
        String notification = "";
        try (BufferedReader out =
                new BufferedReader(
                        new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                if (line.startsWith("accepted ")) {
                    notification = line.substring("accepted ".length());
                }
            }
        }
        if (!process.waitFor(30, TimeUnit.SECONDS) || notification.isEmpty()) {
            throw new AssertionError("the node did not live to be killed");
        }
        smtp.aroundAnswer(() -> {}, () -> {});
        lock.get().close();
        return new Killed(notification);
    }

    private static void endWithin(Process process, long seconds) {
        try {
            if (!process.waitFor(seconds, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException("interrupted", e);
        }
    }

    private static Connection lockDeliveries(DatabaseUrl url) {
        try {
            Connection connection = url.connect();
            connection.setAutoCommit(false);
            try (Statement statement = connection.createStatement()) {
                statement.execute("lock table notify.deliveries in share mode");
            }
            return connection;
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    public static void main(String[] args) throws Exception {
        Ids ids = new Ids(InstantSource.system(), new SecureRandom());
        Keys keys = new Keys(MasterKey.parse("ab".repeat(32)), List.of(), new SecureRandom());
        Database db =
                Database.open(
                        new DatabaseUrl(
                                System.getenv("NODE_JDBC"),
                                System.getenv("NODE_USER"),
                                System.getenv("NODE_PASSWORD")),
                        Database.Limits.DEFAULT,
                        (tx, events) -> {});
        NotifyStage stage =
                new NotifyStage(
                        db,
                        new LocalBus(),
                        new People(ids),
                        keys,
                        args[0],
                        UUID.fromString(args[1]),
                        Duration.ofSeconds(60));
        Draft draft =
                new Draft(
                        List.of(new Recipient.Email("ada@quintet.test")),
                        Priority.CRITICAL,
                        Optional.empty(),
                        "You will see this twice at most",
                        "Under one id.",
                        Set.of(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty());
        System.out.println(
                "accepted " + Notify.NOTIFICATION.show(stage.notify.accept(Caller.ROOT, draft)));
        Thread.currentThread().join();
    }
}
