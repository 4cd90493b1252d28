package dev.quintet.notify;

import dev.quintet.platform.sql.Tx;
import java.net.URI;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jdbi.v3.core.statement.PreparedBatch;

/** All SQL of notify. Times of queues and leases are the database's ({@code clock_timestamp()}). */
final class NotifyStore {

    // --- accepted notifications

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
    private static final String WAITING =
            """
            select count(*)
            from (select 1 from notify.notifications where state = 'accepted' and lane = :lane limit :limit) waiting
            """;

    private static final String INSERT =
            """
            insert into notify.notifications
                (id, organisation, lane, category, title, body, recipients, channels, dedupe_key, send_at, expires_at, created_at, state)
            values
                (:id, :organisation, :lane, :category, :title, :body, cast(:recipients as jsonb), :channels, :dedupeKey,
                 :sendAt, :expiresAt, :createdAt, 'accepted')
            on conflict (organisation, dedupe_key) where dedupe_key is not null do nothing
            """;

    private static final String BY_DEDUPE_KEY =
            """
            select id
            from notify.notifications
            where organisation = :organisation
              and dedupe_key = :dedupeKey
            """;

    private static final String DUE_NOTIFICATIONS =
            """
            select id, organisation, lane, category, title, body, recipients, channels, expires_at, created_at
            from notify.notifications
            where state = 'accepted'
              and lane = :lane
              and send_at <= clock_timestamp()
            order by send_at
            limit :limit
            for update skip locked
            """;

    private static final String MARK_EXPANDED =
            """
            update notify.notifications
            set state = 'expanded'
            where id = any(:ids)
            """;

    // --- deliveries

    private static final String INSERT_DELIVERY =
            """
            insert into notify.deliveries
                (id, lane, notification, organisation, person, channel, address, state, attempts, due_at, expires_at, detail)
            values
                (:id, :lane, :notification, :organisation, :person, :channel, :address, :state, :attempts, clock_timestamp(), :expiresAt, :detail)
            """;

    private static final String INSERT_ATTEMPT =
            """
            insert into notify.attempts (delivery, notification, attempt, started_at, finished_at, outcome, detail)
            values (:delivery, :notification, :attempt, clock_timestamp(), clock_timestamp(), :outcome, :detail)
            """;

    /**
     * Claims what is due, also what a dead node had claimed: due_at of a claim is the end of its
     * lease.
     */
    private static final String CLAIM =
            """
            with due as (
                select d.id, d.state as before, d.attempts as tries
                from notify.deliveries d
                where d.lane = :lane
                  and d.state in ('waiting', 'sending')
                  and d.due_at <= clock_timestamp()
                order by d.due_at
                limit :limit
                for update skip locked
            ), interrupted as (
                update notify.attempts a
                set outcome = 'interrupted', finished_at = clock_timestamp(), detail = 'the node stopped; whether it arrived is unknown'
                from due
                where due.before = 'sending'
                  and a.delivery = due.id
                  and a.attempt = due.tries
                  and a.outcome = 'started'
            ), claimed as (
                update notify.deliveries d
                set state = 'sending', attempts = d.attempts + 1, claimed_by = :node, due_at = clock_timestamp() + cast(:lease as interval)
                from due
                where d.id = due.id
                  and d.lane = :lane
                returning d.id, d.notification, d.organisation, d.channel, d.address, d.attempts, d.expires_at
            ), intent as (
                insert into notify.attempts (delivery, notification, attempt, started_at, outcome)
                select id, notification, attempts, clock_timestamp(), 'started'
                from claimed
            )
            select c.id, c.notification, c.organisation, c.channel, c.address, c.attempts,
                   c.expires_at <= clock_timestamp() as expired,
                   n.category, n.title, n.body, n.created_at
            from claimed c
            join notify.notifications n on n.id = c.notification
            """;

    /** What this node had under way before it died is due at once. */
    private static final String RELEASE_OWN =
            """
            update notify.deliveries
            set due_at = clock_timestamp()
            where state = 'sending'
              and claimed_by = :node
            """;

    /**
     * Only the attempt that holds the claim may finish it: a worker that woke up after its lease
     * changes nothing.
     */
    private static final String FINISH =
            """
            with done as (
                update notify.deliveries
                set state = :state, due_at = clock_timestamp() + cast(:wait as interval), claimed_by = null, detail = :detail
                where id = :id
                  and lane = :lane
                  and state = 'sending'
                  and attempts = :attempt
                returning id, attempts
            )
            update notify.attempts a
            set outcome = :outcome, finished_at = clock_timestamp(), detail = :detail
            from done
            where a.delivery = done.id
              and a.attempt = done.attempts
            """;

    // --- inbox

    private static final String NEXT_POSITION =
            """
            insert into notify.inbox_heads (person, organisation, last)
            values (:person, :organisation, 1)
            on conflict (person) do update set last = notify.inbox_heads.last + 1
            returning last
            """;

    private static final String INSERT_INBOX =
            """
            insert into notify.inbox (person, position, id, organisation, notification, category, title, body, at)
            values (:person, :position, :id, :organisation, :notification, :category, :title, :body, clock_timestamp())
            """;

    private static final String INBOX_BEFORE =
            """
            select id, position, notification, category, title, body, at, read_at
            from notify.inbox
            where person = :person
              and organisation = :organisation
              and position < :before
            order by position desc
            limit :limit
            """;

    private static final String INBOX_AFTER =
            """
            select id, position, notification, category, title, body, at, read_at
            from notify.inbox
            where person = :person
              and organisation = :organisation
              and position > :after
            order by position
            limit :limit
            """;

    private static final String UNREAD =
            """
            select count(*)
            from notify.inbox
            where person = :person
              and organisation = :organisation
              and read_at is null
            """;

    private static final String MARK_READ =
            """
            update notify.inbox
            set read_at = clock_timestamp()
            where person = :person
              and organisation = :organisation
              and position <= :upTo
              and read_at is null
            """;

    // --- reading

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

    // --- webhook endpoints

    private static final String COUNT_ENDPOINTS =
            """
            select count(*)
            from notify.webhook_endpoints
            where organisation = :organisation
            """;

    private static final String INSERT_ENDPOINT =
            """
            insert into notify.webhook_endpoints (id, organisation, url, event_types, secret, created_at)
            values (:id, :organisation, :url, :eventTypes, :secret, clock_timestamp())
            """;

    private static final String ENDPOINTS =
            """
            select id, organisation, url, event_types, created_at, disabled_because
            from notify.webhook_endpoints
            where organisation = :organisation
            order by created_at, id
            """;

    private static final String ENDPOINT =
            """
            select id, organisation, url, event_types, created_at, disabled_because
            from notify.webhook_endpoints
            where organisation = :organisation
              and id = :id
            """;

    private static final String SEALED_SECRET =
            """
            select secret
            from notify.webhook_endpoints
            where id = :id
            """;

    private static final String DISABLE_ENDPOINT =
            """
            update notify.webhook_endpoints
            set disabled_because = :reason
            where id = :id
            """;

    private static final String DELETE_ENDPOINT =
            """
            delete from notify.webhook_endpoints
            where organisation = :organisation
              and id = :id
            """;

    // --- erasing a person

    private static final String ERASE_INBOX =
            """
            delete from notify.inbox
            where person = :person
            """;
    private static final String ERASE_HEAD =
            """
            delete from notify.inbox_heads
            where person = :person
            """;
    private static final String ERASE_DELIVERIES =
            """
            update notify.deliveries
            set address = '',
                detail = 'the person was erased',
                person = null,
                state = case when state in ('waiting', 'sending') then 'skipped' else state end
            where person = :person
            returning notification
            """;
    private static final String ERASE_ATTEMPTS =
            """
            update notify.attempts
            set detail = null
            where notification = any(:notifications)
            """;
    // What was said to others too stays for them; what was said to this person alone goes.
    private static final String ERASE_CONTENT =
            """
            with touched as (
                select n.id,
                       exists (
                           select 1
                           from jsonb_array_elements(n.recipients) r
                           where r ->> 'user' is distinct from :person
                       ) as others
                from notify.notifications n
                where n.id = any(:notifications)
                   or (n.state = 'accepted' and n.recipients @> jsonb_build_array(jsonb_build_object('user', :person)))
            )
            update notify.notifications n
            set title = case when touched.others then n.title else '' end,
                body = case when touched.others then n.body else '' end,
                dedupe_key = case when touched.others then n.dedupe_key end,
                recipients = (
                    select coalesce(jsonb_agg(r), '[]')
                    from jsonb_array_elements(n.recipients) r
                    where r ->> 'user' is distinct from :person
                )
            from touched
            where n.id = touched.id
            """;

    /** An accepted notification that is due. */
    record Accepted(
            UUID id,
            UUID organisation,
            Priority priority,
            Optional<String> category,
            String title,
            String body,
            List<Recipient> to,
            Set<ChannelKind> channels,
            Optional<Instant> expiresAt) {}

    /**
     * @param skipped why it will not be sent
     */
    record NewDelivery(
            UUID id,
            Accepted notification,
            Optional<UUID> person,
            ChannelKind channel,
            String address,
            Optional<String> skipped) {}

    record NewEntry(UUID id, UUID person, Accepted notification) {}

    record Claimed(Delivery delivery, Message message, boolean expired) {}

    /** What an outcome makes of a delivery. */
    record Verdict(
            Delivery delivery,
            String state,
            String outcome,
            String detail,
            Duration pause,
            boolean disablesEndpoint) {

        static Verdict last(Delivery delivery, String state, String detail) {
            return new Verdict(delivery, state, state, detail, Duration.ZERO, false);
        }

        static Verdict gone(Delivery delivery, String detail) {
            return new Verdict(
                    delivery,
                    "failed",
                    "failed",
                    detail,
                    Duration.ZERO,
                    delivery.channel() == ChannelKind.WEBHOOK);
        }

        static Verdict retry(Delivery delivery, String detail, Duration pause) {
            return new Verdict(delivery, "waiting", "retrying", detail, pause, false);
        }
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

    List<Accepted> dueNotifications(Tx tx, Priority priority, int limit) {
        return tx.handle()
                .createQuery(DUE_NOTIFICATIONS)
                .bind("lane", priority.lane())
                .bind("limit", limit)
                .map((rs, ctx) ->
                        new Accepted(
                                uuid(rs, "id"),
                                uuid(rs, "organisation"),
                                priority,
                                Optional.ofNullable(rs.getString("category")),
                                rs.getString("title"),
                                rs.getString("body"),
                                Recipients.read(rs.getString("recipients")),
                                texts(rs, "channels").stream()
                                        .map(word -> ChannelKind.of(word).orElseThrow())
                                        .collect(Collectors.toSet()),
                                instant(rs, "expires_at")))
                .list();
    }

    void markExpanded(Tx tx, List<UUID> ids) {
        tx.handle().createUpdate(MARK_EXPANDED).bindArray("ids", UUID.class, ids).execute();
    }

    void insertDeliveries(Tx tx, List<NewDelivery> deliveries) {
        PreparedBatch rows = tx.handle().prepareBatch(INSERT_DELIVERY);
        PreparedBatch attempts = tx.handle().prepareBatch(INSERT_ATTEMPT);
        for (NewDelivery delivery : deliveries) {
            boolean atOnce =
                    delivery.channel() == ChannelKind.INAPP || delivery.skipped().isPresent();
            String state =
                    delivery.skipped().isPresent() ? "skipped" : atOnce ? "delivered" : "waiting";
            rows.bind("id", delivery.id())
                    .bind("lane", delivery.notification().priority().lane())
                    .bind("notification", delivery.notification().id())
                    .bind("organisation", delivery.notification().organisation())
                    .bindByType("person", delivery.person().orElse(null), UUID.class)
                    .bind("channel", delivery.channel().wire())
                    .bind("address", delivery.address())
                    .bind("state", state)
                    .bind("attempts", atOnce ? 1 : 0)
                    .bindByType("expiresAt", delivery.notification().expiresAt().orElse(null), Instant.class)
                    .bind("detail", delivery.skipped().orElse(null))
                    .add();
            if (atOnce) {
                attempts.bind("delivery", delivery.id())
                        .bind("notification", delivery.notification().id())
                        .bind("attempt", 1)
                        .bind("outcome", state)
                        .bind("detail", delivery.skipped().orElse("in the inbox"))
                        .add();
            }
        }
        execute(rows);
        execute(attempts);
    }

    List<Claimed> claim(Tx tx, Priority priority, int limit, UUID node, Duration lease) {
        return tx.handle()
                .createQuery(CLAIM)
                .bind("lane", priority.lane())
                .bind("limit", limit)
                .bind("node", node)
                .bind("lease", interval(lease))
                .map((rs, ctx) -> claimed(rs, priority))
                .list();
    }

    private static Claimed claimed(ResultSet rs, Priority priority) throws SQLException {
        Delivery delivery =
                new Delivery(
                        uuid(rs, "id"),
                        uuid(rs, "notification"),
                        uuid(rs, "organisation"),
                        priority,
                        ChannelKind.of(rs.getString("channel")).orElseThrow(),
                        rs.getString("address"),
                        rs.getInt("attempts"));
        Message message =
                new Message(
                        Optional.ofNullable(rs.getString("category")),
                        rs.getString("title"),
                        rs.getString("body"),
                        instant(rs, "created_at").orElseThrow());
        return new Claimed(delivery, message, rs.getBoolean("expired"));
    }

    int releaseOwn(Tx tx, UUID node) {
        return tx.handle().createUpdate(RELEASE_OWN).bind("node", node).execute();
    }

    void finish(Tx tx, List<Verdict> verdicts) {
        PreparedBatch batch = tx.handle().prepareBatch(FINISH);
        for (Verdict verdict : verdicts) {
            batch.bind("id", verdict.delivery().id())
                    .bind("lane", verdict.delivery().priority().lane())
                    .bind("attempt", verdict.delivery().attempt())
                    .bind("state", verdict.state())
                    .bind("outcome", verdict.outcome())
                    .bind("wait", interval(verdict.pause()))
                    .bind("detail", verdict.detail())
                    .add();
            if (verdict.disablesEndpoint()) {
                tx.handle()
                        .createUpdate(DISABLE_ENDPOINT)
                        .bind("id", UUID.fromString(verdict.delivery().address()))
                        .bind("reason", verdict.detail())
                        .execute();
            }
        }
        execute(batch);
    }

    // --- inbox

    void insertEntries(Tx tx, List<NewEntry> entries) {
        PreparedBatch batch = tx.handle().prepareBatch(INSERT_INBOX);
        for (NewEntry entry : entries) {
            Accepted notification = entry.notification();
            long position =
                    tx.handle()
                            .createQuery(NEXT_POSITION)
                            .bind("person", entry.person())
                            .bind("organisation", notification.organisation())
                            .mapTo(Long.class)
                            .one();
            batch.bind("person", entry.person())
                    .bind("position", position)
                    .bind("id", entry.id())
                    .bind("organisation", notification.organisation())
                    .bind("notification", notification.id())
                    .bind("category", notification.category().orElse(null))
                    .bind("title", notification.title())
                    .bind("body", notification.body())
                    .add();
        }
        execute(batch);
    }

    List<Inbox.Entry> inboxBefore(Tx tx, UUID organisation, UUID person, long before, int limit) {
        return entries(tx, INBOX_BEFORE, "before", organisation, person, before, limit);
    }

    List<Inbox.Entry> inboxAfter(Tx tx, UUID organisation, UUID person, long after, int limit) {
        return entries(tx, INBOX_AFTER, "after", organisation, person, after, limit);
    }

    private static List<Inbox.Entry> entries(
            Tx tx,
            String sql,
            String bound,
            UUID organisation,
            UUID person,
            long position,
            int limit) {
        return tx.handle()
                .createQuery(sql)
                .bind("organisation", organisation)
                .bind("person", person)
                .bind(bound, position)
                .bind("limit", limit)
                .map((rs, ctx) ->
                        new Inbox.Entry(
                                uuid(rs, "id"),
                                rs.getLong("position"),
                                uuid(rs, "notification"),
                                Optional.ofNullable(rs.getString("category")),
                                rs.getString("title"),
                                rs.getString("body"),
                                instant(rs, "at").orElseThrow(),
                                instant(rs, "read_at")))
                .list();
    }

    long unread(Tx tx, UUID organisation, UUID person) {
        return tx.handle()
                .createQuery(UNREAD)
                .bind("organisation", organisation)
                .bind("person", person)
                .mapTo(Long.class)
                .one();
    }

    void markRead(Tx tx, UUID organisation, UUID person, long upTo) {
        tx.handle()
                .createUpdate(MARK_READ)
                .bind("organisation", organisation)
                .bind("person", person)
                .bind("upTo", upTo)
                .execute();
    }

    // --- reading

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

    // --- webhook endpoints

    long countEndpoints(Tx tx, UUID organisation) {
        return tx.handle()
                .createQuery(COUNT_ENDPOINTS)
                .bind("organisation", organisation)
                .mapTo(Long.class)
                .one();
    }

    void insertEndpoint(
            Tx tx,
            UUID id,
            UUID organisation,
            URI url,
            List<String> eventTypes,
            byte[] sealedSecret) {
        tx.handle()
                .createUpdate(INSERT_ENDPOINT)
                .bind("id", id)
                .bind("organisation", organisation)
                .bind("url", url.toString())
                .bindArray("eventTypes", String.class, eventTypes)
                .bind("secret", sealedSecret)
                .execute();
    }

    List<Endpoints.Endpoint> endpoints(Tx tx, UUID organisation) {
        return tx.handle()
                .createQuery(ENDPOINTS)
                .bind("organisation", organisation)
                .map((rs, ctx) -> endpoint(rs))
                .list();
    }

    Optional<Endpoints.Endpoint> endpoint(Tx tx, UUID organisation, UUID id) {
        return tx.handle()
                .createQuery(ENDPOINT)
                .bind("organisation", organisation)
                .bind("id", id)
                .map((rs, ctx) -> endpoint(rs))
                .findOne();
    }

    Set<UUID> knownEndpoints(Tx tx, UUID organisation, Set<UUID> ids) {
        return endpoints(tx, organisation).stream()
                .map(Endpoints.Endpoint::id)
                .filter(ids::contains)
                .collect(Collectors.toSet());
    }

    byte[] sealedSecret(Tx tx, UUID id) {
        return tx.handle()
                .createQuery(SEALED_SECRET)
                .bind("id", id)
                .map((rs, ctx) -> rs.getBytes("secret"))
                .one();
    }

    private static Endpoints.Endpoint endpoint(ResultSet rs) throws SQLException {
        return new Endpoints.Endpoint(
                uuid(rs, "id"),
                uuid(rs, "organisation"),
                URI.create(rs.getString("url")),
                texts(rs, "event_types"),
                instant(rs, "created_at").orElseThrow(),
                Optional.ofNullable(rs.getString("disabled_because")));
    }

    boolean deleteEndpoint(Tx tx, UUID organisation, UUID id) {
        return tx.handle()
                        .createUpdate(DELETE_ENDPOINT)
                        .bind("organisation", organisation)
                        .bind("id", id)
                        .execute()
                == 1;
    }

    // --- erasing a person

    int erase(Tx tx, UUID person) {
        int entries = tx.handle().createUpdate(ERASE_INBOX).bind("person", person).execute();
        tx.handle().createUpdate(ERASE_HEAD).bind("person", person).execute();
        List<UUID> notifications =
                tx.handle()
                        .createQuery(ERASE_DELIVERIES)
                        .bind("person", person)
                        .mapTo(UUID.class)
                        .list();
        tx.handle()
                .createUpdate(ERASE_ATTEMPTS)
                .bindArray("notifications", UUID.class, notifications)
                .execute();
        tx.handle()
                .createUpdate(ERASE_CONTENT)
                .bindArray("notifications", UUID.class, notifications)
                .bind("person", person.toString())
                .execute();
        return entries;
    }

    private static void execute(PreparedBatch batch) {
        if (batch.size() > 0) {
            batch.execute();
        }
    }

    private static String interval(Duration duration) {
        return duration.toString();
    }

    private static UUID uuid(ResultSet rs, String column) throws SQLException {
        return rs.getObject(column, UUID.class);
    }

    private static Optional<Instant> instant(ResultSet rs, String column) throws SQLException {
        return Optional.ofNullable(rs.getObject(column, OffsetDateTime.class))
                .map(OffsetDateTime::toInstant);
    }

    private static List<String> texts(ResultSet rs, String column) throws SQLException {
        java.sql.Array array = rs.getArray(column);
        return array == null ? List.of() : List.of((String[]) array.getArray());
    }

    Map<String, Long> figures(Tx tx, UUID organisation) {
        return tx.handle()
                .createQuery(FIGURES)
                .bind("organisation", organisation)
                .map((rs, ctx) -> Map.of("notifications", rs.getLong("notifications"), "pending", rs.getLong("pending")))
                .one();
    }
}
