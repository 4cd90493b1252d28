package dev.quintet.server;

import static dev.quintet.server.LiveServer.json;

import dev.quintet.platform.Await;
import dev.quintet.platform.SecretWatch;
import dev.quintet.platform.sql.DatabaseUrl;
import dev.quintet.platform.sql.TestDatabase;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/**
 * A server whose notifications do not take one text, as after a faulty change of the schema: a
 * mention with it parks its room for {@code notify.mentions}.
 */
record Poisoned(LiveServer server, DatabaseUrl database, String sender) implements AutoCloseable {

    static final String POISON = "a text that this database does not take";

    private static final String MASTER_KEY =
            SecretWatch.made("cGFya2VkIGV2ZW50cyBhcmUgdHJpZWQgb25jZSBtb3I=");

    static Poisoned start(Path data) throws Exception {
        DatabaseUrl database = TestDatabase.empty();
        String password = database.password().replace(" ", "%20");
        String url = database.jdbc() + "?user=" + database.user() + "&password=" + password;
        LiveServer server =
                LiveServer.start(
                        data,
                        Map.of(
                                "QUINTET_DATABASE_URL", url,
                                "QUINTET_SECURITY_MASTER_KEY", MASTER_KEY));
        String sender = server.token(server.user("Sender", "sender@quintet.test"));
        Poisoned poisoned = new Poisoned(server, database, sender);
        poisoned.sql(
                "alter table notify.notifications add constraint planted check (body <> '"
                        + POISON
                        + "')");
        return poisoned;
    }

    void mend() throws SQLException {
        sql("alter table notify.notifications drop constraint planted");
    }

    String roomWith(String person) throws Exception {
        String room = json(Map.of("kind", "group", "name", "Room", "members", List.of(person)));
        return server.ask(sender, "POST", "/api/v1/chat/rooms", room, 201).get("id").asString();
    }

    /** To somebody who is not there. */
    void mention(String person, String room, String text) throws Exception {
        String message = json(Map.of("text", text, "mentions", List.of(person)));
        server.ask(sender, "POST", "/api/v1/chat/rooms/" + room + "/messages", message, 201);
    }

    JsonNode parked() {
        return parked("");
    }

    JsonNode parked(String query) {
        try {
            return server.admin("GET", "/api/v1/parked-events" + query, "", 200);
        } catch (Exception failure) {
            throw new AssertionError(failure);
        }
    }

    void awaitParked(int events) {
        Await.until(events + " events are parked", () -> parked().get("items").size() == events);
    }

    /** As after the last of its tries: from now on it waits for somebody. */
    void giveUp() {
        // Not near a try, whose outcome would be written over this.
        String between =
                """
                update platform.parked
                set attempts = 12, dead = true
                where error <> ''
                  and retry_at > clock_timestamp() + interval '1 second'
                """;
        Await.until(
                "it lies between two tries",
                () -> {
                    try {
                        return sql(between) == 1;
                    } catch (SQLException failure) {
                        throw new AssertionError(failure);
                    }
                });
    }

    private int sql(String sql) throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            return statement.executeUpdate(sql);
        }
    }

    @Override
    public void close() {
        server.close();
    }
}
