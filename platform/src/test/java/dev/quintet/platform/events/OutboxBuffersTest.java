package dev.quintet.platform.events;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quintet.platform.sql.TestDatabase;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What one poll reads when a million events are delivered and one old transaction is open. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class OutboxBuffersTest {

    private static final int MOST = 1_000;
    private static final int NEW_EVENTS = 100;

    // The planted fault: one filter, which starts at the oldest transaction in progress.
    private static final String OBVIOUS =
            """
            select id, event_id, organisation, name, version, key, body
            from platform.outbox
            where xid >= pg_snapshot_xmin(cast(:from as pg_snapshot))
              and not pg_visible_in_snapshot(xid, cast(:from as pg_snapshot))
              and pg_visible_in_snapshot(xid, cast(:to as pg_snapshot))
              and id > :lastId
              and name = :name
            order by id
            limit :limit
            """;

    private TestDatabase test;
    private Connection old;
    private Connection session;
    private String from;
    private String to;

    @BeforeAll
    void fill() throws SQLException {
        test = TestDatabase.create();
        old = test.url().connect();
        old.setAutoCommit(false);
        text(old, "select pg_current_xact_id()");
        session = test.url().connect();
        try (Statement statement = session.createStatement()) {
            statement.execute("set synchronous_commit = off");
            statement.execute("alter table platform.outbox_0 set (autovacuum_enabled = false)");
            statement.execute(announce(1000, 1000));
            from = text(session, "select pg_current_snapshot()");
            statement.execute(announce(NEW_EVENTS, 1));
            to = text(session, "select pg_current_snapshot()");
        }
    }

    @AfterAll
    void close() throws SQLException {
        session.close();
        old.close();
        test.close();
    }

    @Test
    void a_poll_touches_few_buffers_whatever_the_planner_knows() throws SQLException {
        assertThat(from).as("the old transaction holds xmin back").matches("(\\d+):(?!\\1).*");
        assertPolls();
        try (Statement statement = session.createStatement()) {
            statement.execute("analyze platform.outbox_0");
        }
        assertPolls();
        assertThat(poll(OBVIOUS, "force_custom_plan").get("buffers").asLong())
                .isGreaterThan(10 * MOST);
    }

    private void assertPolls() throws SQLException {
        for (String plans : new String[] {"force_custom_plan", "force_generic_plan"}) {
            JsonNode poll = poll(OutboxStore.READ, plans);
            assertThat(poll.get("rows").asInt()).as(plans).isEqualTo(NEW_EVENTS);
            assertThat(poll.get("buffers").asLong()).as(plans).isLessThan(MOST);
        }
    }

    /** Runs the real text as the driver does, prepared, and with either kind of plan. */
    private JsonNode poll(String query, String plans) throws SQLException {
        String prepared =
                query.replace(":from", "$1")
                        .replace(":to", "$2")
                        .replace(":lastId", "$3")
                        .replace(":name", "$4")
                        .replace(":limit", "$5");
        try (Statement statement = session.createStatement()) {
            statement.execute("set plan_cache_mode = " + plans);
            statement.execute("prepare poll (text, text, bigint, text, int) as " + prepared);
            String explained =
                    text(
                            session,
                            "explain (analyze, buffers, format json) execute poll ('%s', '%s', 0, 'test.things_said', 500)"
                                    .formatted(from, to));
            statement.execute("deallocate poll");
            JsonNode plan = JsonMapper.shared().readTree(explained).get(0).get("Plan");
            long buffers =
                    plan.get("Shared Hit Blocks").asLong()
                            + plan.get("Shared Read Blocks").asLong();
            System.out.printf("a poll, %s: %d buffers%n", plans, buffers);
            return JsonMapper.shared()
                    .createObjectNode()
                    .put("rows", (int) plan.get("Actual Rows").asDouble())
                    .put("buffers", buffers);
        }
    }

    private static String announce(int transactions, int each) {
        return """
        do $$
        begin
            for i in 1..%d loop
                insert into platform.outbox_0 (event_id, organisation, name, version, key, body)
                select '01900000-0000-7000-8000-000000000000', '01900000-0000-7000-8000-000000000000',
                       'test.things_said', 1, 'a', '{}'
                from generate_series(1, %d);
                commit;
            end loop;
        end
        $$
        """
                .formatted(transactions, each);
    }

    private static String text(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getString(1);
        }
    }
}
