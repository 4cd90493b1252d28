package dev.quintet.notify;

import static dev.quintet.notify.StoreRows.execute;
import static dev.quintet.notify.StoreRows.instant;
import static dev.quintet.notify.StoreRows.interval;
import static dev.quintet.notify.StoreRows.texts;
import static dev.quintet.notify.StoreRows.uuid;

import dev.quintet.platform.sql.Tx;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jdbi.v3.core.statement.PreparedBatch;

/**
 * The SQL of the lanes. Times of queues and leases are the database's ({@code clock_timestamp()}).
 */
final class QueueStore {

    private static final String IS_DUE =
            """
            where state = 'accepted'
              and lane = :lane
              and send_at <= clock_timestamp()
              and (held_until is null or held_until <= clock_timestamp())
            order by send_at
            limit :limit
            """;

    private static final String ACCEPTED =
            """
            select id, organisation, lane, category, title, body, recipients, channels, expires_at, created_at
            from notify.notifications
            """;

    private static final String DUE_NOTIFICATIONS = ACCEPTED + IS_DUE + "for update skip locked";

    /** How many of what is due have at most so many recipients together; the first one always. */
    private static final String DUE_PAGE =
            """
            select count(*)
            from (
                select recipients, sum(recipients) over (order by send_at rows unbounded preceding) as upto
                from (
                    select send_at, jsonb_array_length(recipients) as recipients
                    from notify.notifications
            """
                    + IS_DUE
                    + """
                            ) due
                    ) page
                    where upto <= :recipients
                       or upto = recipients
                    """;

    private static final String DUE_IDS = "select id from notify.notifications\n" + IS_DUE;

    private static final String DUE_NOTIFICATION =
            ACCEPTED
                    + """
                    where id = :id
                      and state = 'accepted'
                    for update skip locked
                    """;

    private static final String COUNT_FAILED_EXPANSION =
            """
            update notify.notifications
            set failed_expansions = failed_expansions + 1
            where id = :id
              and state = 'accepted'
            returning failed_expansions
            """;

    private static final String HOLD =
            """
            update notify.notifications
            set held_until = clock_timestamp() + cast(:pause as interval)
            where id = :id
            """;

    /**
     * Each recipient gets a failed delivery, read from the row itself: nothing else may fail here.
     */
    private static final String GIVE_UP =
            """
            with given_up as (
                update notify.notifications
                set state = 'expanded'
                where id = :id
                  and state = 'accepted'
                returning id, lane, organisation, recipients
            ), failed as (
                insert into notify.deliveries
                    (id, lane, notification, organisation, person, channel, address, state, attempts, due_at, detail)
                select gen_random_uuid(), n.lane, n.id, n.organisation,
                       case when r ->> 'user' ~ '^[0-9a-f-]{36}$' then cast(r ->> 'user' as uuid) end,
                       case when r ->> 'email' is not null then 'email' when r ->> 'webhook' is not null then 'webhook' else 'inapp' end,
                       coalesce(r ->> 'email', r ->> 'webhook', r ->> 'user', ''),
                       'failed', 1, clock_timestamp(), :detail
                from given_up n
                cross join jsonb_array_elements(n.recipients) r
                returning id, notification
            )
            insert into notify.attempts (delivery, notification, attempt, started_at, finished_at, outcome, detail)
            select id, notification, 1, clock_timestamp(), clock_timestamp(), 'failed', :detail
            from failed
            """;

    private static final String MARK_EXPANDED =
            """
            update notify.notifications
            set state = 'expanded'
            where id = any(:ids)
            """;

    private static final String WAITING =
            """
            select count(*)
            from (
                select 1
                from notify.deliveries
                where lane = :lane
                  and state in ('waiting', 'sending')
                limit :limit
            ) waiting
            """;

    private static final String INSERT_DELIVERY =
            """
            insert into notify.deliveries
                (id, lane, notification, organisation, person, channel, address, state, attempts, due_at, expires_at, detail)
            values
                (:id, :lane, :notification, :organisation, cast(:person as uuid), :channel, :address, :state, :attempts, clock_timestamp(), cast(:expiresAt as timestamptz), :detail)
            """;

    private static final String INSERT_ATTEMPT =
            """
            insert into notify.attempts (delivery, notification, attempt, started_at, finished_at, outcome, detail)
            values (:delivery, :notification, :attempt, clock_timestamp(), clock_timestamp(), :outcome, :detail)
            """;

    /**
     * Claims what is due, also what a dead node had claimed: due_at of a claim is the end of its
     * lease. Of each address it takes no more than that one has room for.
     */
    private static final String CLAIM =
            """
            with oldest as (
                select d.id, d.state as before, d.attempts as tries, d.address, d.due_at
                from notify.deliveries d
                where d.lane = :lane
                  and d.state in ('waiting', 'sending')
                  and d.due_at <= clock_timestamp()
                  and d.address <> all(:full)
                order by d.due_at
                limit :limit
                for update skip locked
            ), ranked as (
                select id, before, tries, address, row_number() over (partition by address order by due_at) as number
                from oldest
            ), due as (
                select r.id, r.before, r.tries
                from ranked r
                left join unnest(:addresses, :rooms) as known (address, room) on known.address = r.address
                where r.number <= coalesce(known.room, :usual)
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
                   coalesce((
                       select cast(extract(epoch from clock_timestamp() - f.started_at) * 1000 as bigint)
                       from notify.attempts f
                       where f.delivery = c.id
                         and f.attempt = 1), 0) as age,
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

    /** As if it had not been claimed: the next claim has this attempt's number again. */
    private static final String GIVE_BACK =
            """
            with back as (
                update notify.deliveries
                set state = 'waiting', attempts = attempts - 1, due_at = clock_timestamp() + cast(:wait as interval), claimed_by = null
                where id = :id
                  and lane = :lane
                  and state = 'sending'
                  and attempts = :attempt
                returning id
            )
            delete from notify.attempts a
            using back
            where a.delivery = back.id
              and a.attempt = :attempt
            """;

    private static final String DISABLE_ENDPOINT =
            """
            update notify.webhook_endpoints
            set disabled_because = :reason
            where id = :id
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

    /**
     * @param age since the first attempt
     */
    record Claimed(Delivery delivery, Message message, boolean expired, Duration age) {}

    /** What an outcome makes of a delivery. */
    record Verdict(
            Delivery delivery,
            String state,
            String outcome,
            String detail,
            Duration pause,
            boolean disablesEndpoint,
            boolean givenBack) {

        Verdict {
            // Receivers say what they like; PostgreSQL's text takes all but this.
            detail = detail.replace("\0", "");
        }

        private Verdict(
                Delivery delivery,
                String state,
                String detail,
                Duration pause,
                boolean disablesEndpoint) {
            this(delivery, state, state, detail, pause, disablesEndpoint, false);
        }

        static Verdict last(Delivery delivery, String state, String detail) {
            return new Verdict(delivery, state, detail, Duration.ZERO, false);
        }

        static Verdict gone(Delivery delivery, String detail) {
            return new Verdict(
                    delivery,
                    "failed",
                    detail,
                    Duration.ZERO,
                    delivery.channel() == ChannelKind.WEBHOOK);
        }

        static Verdict retry(Delivery delivery, String detail, Duration pause) {
            return new Verdict(delivery, "waiting", "retrying", detail, pause, false, false);
        }

        static Verdict untried(Delivery delivery, Duration pause) {
            return new Verdict(delivery, "waiting", "untried", "", pause, false, true);
        }
    }

    List<Accepted> dueNotifications(Tx tx, Priority priority, int limit) {
        return tx.handle()
                .createQuery(DUE_NOTIFICATIONS)
                .bind("lane", priority.lane())
                .bind("limit", limit)
                .map((rs, ctx) -> accepted(rs))
                .list();
    }

    int duePage(Tx tx, Priority priority, int limit, int recipients) {
        return tx.handle()
                .createQuery(DUE_PAGE)
                .bind("lane", priority.lane())
                .bind("limit", limit)
                .bind("recipients", recipients)
                .mapTo(Integer.class)
                .one();
    }

    List<UUID> dueIds(Tx tx, Priority priority, int limit) {
        return tx.handle()
                .createQuery(DUE_IDS)
                .bind("lane", priority.lane())
                .bind("limit", limit)
                .mapTo(UUID.class)
                .list();
    }

    /** One that is due, unless another node has it. */
    List<Accepted> dueNotification(Tx tx, UUID id) {
        return tx.handle()
                .createQuery(DUE_NOTIFICATION)
                .bind("id", id)
                .map((rs, ctx) -> accepted(rs))
                .list();
    }

    private static Accepted accepted(ResultSet rs) throws SQLException {
        return new Accepted(
                uuid(rs, "id"),
                uuid(rs, "organisation"),
                Priority.ofLane(rs.getInt("lane")),
                Optional.ofNullable(rs.getString("category")),
                rs.getString("title"),
                rs.getString("body"),
                Recipients.read(rs.getString("recipients")),
                texts(rs, "channels").stream()
                        .map(word -> ChannelKind.of(word).orElseThrow())
                        .collect(Collectors.toSet()),
                instant(rs, "expires_at"));
    }

    /** How often it failed by now; empty when it waits no more. */
    Optional<Integer> countFailedExpansion(Tx tx, UUID id) {
        return tx.handle()
                .createQuery(COUNT_FAILED_EXPANSION)
                .bind("id", id)
                .mapTo(Integer.class)
                .findOne();
    }

    void hold(Tx tx, UUID id, Duration pause) {
        tx.handle().createUpdate(HOLD).bind("id", id).bind("pause", interval(pause)).execute();
    }

    void giveUp(Tx tx, UUID id, String detail) {
        tx.handle().createUpdate(GIVE_UP).bind("id", id).bind("detail", detail).execute();
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
                    .bindByType(
                            "expiresAt",
                            delivery.notification().expiresAt().orElse(null),
                            Instant.class)
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

    /** Whether at least so many deliveries of a lane are not done. */
    boolean crowded(Tx tx, Priority priority, long limit) {
        return tx.handle()
                        .createQuery(WAITING)
                        .bind("lane", priority.lane())
                        .bind("limit", limit)
                        .mapTo(Long.class)
                        .one()
                >= limit;
    }

    List<Claimed> claim(
            Tx tx,
            Priority priority,
            int limit,
            Destinations.Room room,
            UUID node,
            Duration lease) {
        return tx.handle()
                .createQuery(CLAIM)
                .bind("lane", priority.lane())
                .bind("limit", limit)
                .bind("usual", room.usual())
                .bindArray("full", String.class, room.full())
                .bindArray("addresses", String.class, room.addresses())
                .bindArray("rooms", Integer.class, room.rooms())
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
        return new Claimed(
                delivery, message, rs.getBoolean("expired"), Duration.ofMillis(rs.getLong("age")));
    }

    int releaseOwn(Tx tx, UUID node) {
        return tx.handle().createUpdate(RELEASE_OWN).bind("node", node).execute();
    }

    void finish(Tx tx, List<Verdict> verdicts) {
        PreparedBatch batch = tx.handle().prepareBatch(FINISH);
        for (Verdict verdict : verdicts) {
            if (verdict.givenBack()) {
                giveBack(tx, verdict);
                continue;
            }
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

    private static void giveBack(Tx tx, Verdict verdict) {
        tx.handle()
                .createUpdate(GIVE_BACK)
                .bind("id", verdict.delivery().id())
                .bind("lane", verdict.delivery().priority().lane())
                .bind("attempt", verdict.delivery().attempt())
                .bind("wait", interval(verdict.pause()))
                .execute();
    }
}
