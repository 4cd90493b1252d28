package dev.quintet.notify;

import static dev.quintet.notify.StoreRows.instant;
import static dev.quintet.notify.StoreRows.uuid;

import dev.quintet.platform.sql.Tx;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** The SQL of accepted notifications and of what became of each. */
final class NotificationStore {

    private static final String WAITING =
            """
            select count(*)
            from (select 1 from notify.notifications where state = 'accepted' and lane = :lane limit :limit) waiting
            """;

    private static final String FIGURES =
            """
            select count(*) as notifications,
                   (select count(*)
                    from notify.deliveries
                    where organisation = :organisation
                      and state in ('waiting', 'sending')) as pending
            from notify.notifications
            where organisation = :organisation
            """;

    private static final String INSERT =
            """
            insert into notify.notifications
                (id, organisation, lane, category, title, body, recipients, channels, dedupe_key, send_at, expires_at, created_at, state, author)
            values
                (:id, :organisation, :lane, :category, :title, :body, cast(:recipients as jsonb), :channels, :dedupeKey,
                 :sendAt, cast(:expiresAt as timestamptz), :createdAt, 'accepted', cast(:author as uuid))
            on conflict (organisation, dedupe_key) where dedupe_key is not null do nothing
            """;

    private static final String BY_DEDUPE_KEY =
            """
            select id
            from notify.notifications
            where organisation = :organisation
              and dedupe_key = :dedupeKey
            """;

    private static final String VIEW =
            """
            select n.id, n.lane, n.category, n.title, n.created_at, n.send_at, n.state, jsonb_array_length(n.recipients) as named,
                   count(d.id) as total,
                   count(*) filter (where d.state in ('waiting', 'sending')) as pending,
                   count(*) filter (where d.state = 'delivered') as delivered,
                   count(*) filter (where d.state = 'failed') as failed,
                   count(*) filter (where d.state = 'skipped') as skipped
            from notify.notifications n
            left join notify.deliveries d on d.notification = n.id
            where n.organisation = :organisation
              and %s
            group by n.id
            order by n.created_at desc, n.id desc
            limit :limit
            """;

    private static final String VIEW_ONE = VIEW.formatted("n.id = :id");

    // The page is cut before the join, or every count of the organisation would be made for fifty
    // rows.
    private static final String VIEW_PAGE =
            VIEW.formatted(
                    """
                    n.id in (
                        select id
                        from notify.notifications
                        where organisation = :organisation
                          and (created_at, id) < (:beforeAt, :beforeId)
                        order by created_at desc, id desc
                        limit :limit)\
                    """);

    private static final String ATTEMPTS =
            """
            select a.position, a.delivery, a.attempt, a.started_at, a.finished_at, a.outcome, a.detail, d.channel, d.address, d.person
            from notify.attempts a
            join notify.deliveries d on d.id = a.delivery
            where a.notification = :notification
              and d.organisation = :organisation
              and a.position > :after
            order by a.position
            limit :limit
            """;

    Map<String, Long> figures(Tx tx, UUID organisation) {
        return tx.handle()
                .createQuery(FIGURES)
                .bind("organisation", organisation)
                .map((rs, ctx) ->
                        Map.of(
                                "notifications",
                                rs.getLong("notifications"),
                                "pending",
                                rs.getLong("pending")))
                .one();
    }

    boolean full(Tx tx, Priority priority, long limit) {
        return tx.handle()
                        .createQuery(WAITING)
                        .bind("lane", priority.lane())
                        .bind("limit", limit)
                        .mapTo(Long.class)
                        .one()
                >= limit;
    }

    boolean insert(Tx tx, UUID id, UUID organisation, Draft draft, Instant now) {
        return tx.handle()
                        .createUpdate(INSERT)
                        .bind("id", id)
                        .bind("organisation", organisation)
                        .bind("lane", draft.priority().lane())
                        .bind("category", draft.category().orElse(null))
                        .bind("title", draft.title())
                        .bind("body", draft.body())
                        .bind("recipients", Recipients.write(draft.to()))
                        .bindArray(
                                "channels",
                                String.class,
                                draft.channels().stream().map(ChannelKind::wire).toList())
                        .bind("dedupeKey", draft.dedupeKey().orElse(null))
                        .bind("sendAt", draft.sendAt().orElse(now))
                        .bindByType("expiresAt", draft.expiresAt().orElse(null), Instant.class)
                        .bind("createdAt", now)
                        .bindByType("author", draft.author().orElse(null), UUID.class)
                        .execute()
                == 1;
    }

    UUID idByDedupeKey(Tx tx, UUID organisation, String key) {
        return tx.handle()
                .createQuery(BY_DEDUPE_KEY)
                .bind("organisation", organisation)
                .bind("dedupeKey", key)
                .mapTo(UUID.class)
                .one();
    }

    Optional<Notify.View> view(Tx tx, UUID organisation, UUID id) {
        return tx.handle()
                .createQuery(VIEW_ONE)
                .bind("organisation", organisation)
                .bind("id", id)
                .bind("limit", 1)
                .map((rs, ctx) -> view(rs))
                .findOne();
    }

    List<Notify.View> viewPage(
            Tx tx, UUID organisation, Instant beforeAt, UUID beforeId, int limit) {
        return tx.handle()
                .createQuery(VIEW_PAGE)
                .bind("organisation", organisation)
                .bind("beforeAt", beforeAt)
                .bind("beforeId", beforeId)
                .bind("limit", limit)
                .map((rs, ctx) -> view(rs))
                .list();
    }

    /** Before it is expanded, all whom it names are pending. */
    private static Notify.View view(ResultSet rs) throws SQLException {
        boolean expanded = rs.getString("state").equals("expanded");
        long total = expanded ? rs.getLong("total") : rs.getLong("named");
        long pending = expanded ? rs.getLong("pending") : total;
        return new Notify.View(
                uuid(rs, "id"),
                Priority.ofLane(rs.getInt("lane")),
                Optional.ofNullable(rs.getString("category")),
                rs.getString("title"),
                instant(rs, "created_at").orElseThrow(),
                instant(rs, "send_at").orElseThrow(),
                !expanded ? "accepted" : pending > 0 ? "sending" : "done",
                new Notify.Counts(
                        total,
                        pending,
                        rs.getLong("delivered"),
                        rs.getLong("failed"),
                        rs.getLong("skipped")));
    }

    List<Notify.Attempt> attempts(
            Tx tx, UUID organisation, UUID notification, long after, int limit) {
        return tx.handle()
                .createQuery(ATTEMPTS)
                .bind("organisation", organisation)
                .bind("notification", notification)
                .bind("after", after)
                .bind("limit", limit)
                .map((rs, ctx) ->
                        new Notify.Attempt(
                                rs.getLong("position"),
                                uuid(rs, "delivery"),
                                ChannelKind.of(rs.getString("channel")).orElseThrow(),
                                rs.getString("address"),
                                rs.getInt("attempt"),
                                instant(rs, "started_at").orElseThrow(),
                                instant(rs, "finished_at"),
                                rs.getString("outcome"),
                                Optional.ofNullable(rs.getString("detail"))))
                .list();
    }
}
