package dev.quintet.platform.audit;

import dev.quintet.platform.sql.Tx;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** The SQL of {@code audit.entries}. */
final class AuditStore {

    private static final JsonMapper JSON = JsonMapper.builder().build();

    private static final String IN_COMMIT_ORDER =
            """
            select true
            from (select pg_advisory_xact_lock(hashtextextended('audit ' || :organisation, 0))) locked
            """;
    private static final String APPEND =
            """
            insert into audit.entries (organisation, who, person, action, target, result, address, facts)
            values (:organisation, :who, :person::uuid, :action, :target, :result, :address, :facts::jsonb)
            """;
    private static final String AFTER =
            """
            select position, organisation, who, person, action, target, result, address, at, facts
            from audit.entries
            where organisation = :organisation
              and position > :after
            order by position
            limit :most
            """;

    void append(Tx tx, Act act) {
        tx.handle()
                .createQuery(IN_COMMIT_ORDER)
                .bind("organisation", act.organisation().toString())
                .mapTo(Boolean.class)
                .one();
        tx.handle()
                .createUpdate(APPEND)
                .bind("organisation", act.organisation())
                .bind("who", act.who())
                .bindByType("person", act.person().orElse(null), UUID.class)
                .bind("action", act.action())
                .bind("target", act.target())
                .bind("result", act.result().name().toLowerCase(Locale.ROOT))
                .bind("address", act.address())
                .bind("facts", JSON.writeValueAsString(act.facts()))
                .execute();
    }

    List<Entry> after(Tx tx, UUID organisation, long position, int most) {
        return tx.handle()
                .createQuery(AFTER)
                .bind("organisation", organisation)
                .bind("after", position)
                .bind("most", most)
                .map((row, context) -> entry(row))
                .list();
    }

    private static Entry entry(ResultSet row) throws SQLException {
        Map<String, Object> facts =
                JSON.readValue(row.getString("facts"), new TypeReference<Map<String, Object>>() {});
        return new Entry(
                row.getLong("position"),
                row.getObject("at", OffsetDateTime.class).toInstant(),
                new Act(
                        row.getObject("organisation", UUID.class),
                        row.getString("who"),
                        Optional.ofNullable(row.getObject("person", UUID.class)),
                        row.getString("action"),
                        row.getString("target"),
                        Act.Result.valueOf(row.getString("result").toUpperCase(Locale.ROOT)),
                        row.getString("address"),
                        facts));
    }
}
