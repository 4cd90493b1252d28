package dev.quintet.analytics;

import dev.quintet.analytics.lake.Subject;
import dev.quintet.platform.log.Position;
import dev.quintet.platform.sql.Tx;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** The SQL of {@code analytics.erasures}. */
final class ErasureStore {

    private static final String INSERT =
            """
            insert into analytics.erasures
                (id, organisation, kind, subject, log_partition, log_offset, requested_at, due_at)
            values (:id, :organisation, :kind, :subject, :partition, :offset, :at, :at)
            """;

    private static final String FIND =
            """
            select id, requested_at, done_at
            from analytics.erasures
            where organisation = :organisation
              and id = :id
            """;

    private static final String COUNT_WAITING =
            """
            select count(*)
            from (
                select from analytics.erasures
                where organisation = :organisation
                  and done_at is null
                limit :most
            )
            """;

    // One organisation after the other, so that none waits for all of another's.
    private static final String NEXT_ORGANISATION =
            """
            select organisation
            from analytics.erasures
            where done_at is null
              and due_at <= :now
              and organisation > :after
            order by organisation
            limit 1
            """;

    private static final String WAITING =
            """
            select id, organisation, kind, subject, log_partition, log_offset
            from analytics.erasures
            where organisation = :organisation
              and done_at is null
              and due_at <= :now
            order by id
            limit :most
            """;

    // As long again as it has waited.
    private static final String POSTPONE =
            """
            update analytics.erasures
            set due_at = :now::timestamptz
                    + least(greatest(:now::timestamptz - requested_at, interval '1 second'), interval '10 minutes')
            where id = any(:ids)
              and done_at is null
            """;

    private static final String DONE =
            """
            update analytics.erasures
            set subject = null,
                done_at = :at
            where id = any(:ids)
              and done_at is null
            """;

    private static final String FORGET = "delete from analytics.erasures where done_at < :before";

    /** One that waits. */
    record Waiting(UUID id, UUID organisation, Subject subject, Position upTo) {}

    void insert(Tx tx, Waiting erasure, Instant at) {
        tx.handle()
                .createUpdate(INSERT)
                .bind("id", erasure.id())
                .bind("organisation", erasure.organisation())
                .bind("kind", erasure.subject().kind().wire())
                .bind("subject", erasure.subject().id())
                .bind("partition", erasure.upTo().partition())
                .bind("offset", erasure.upTo().offset())
                .bind("at", at)
                .execute();
    }

    Optional<Erasure> find(Tx tx, UUID organisation, UUID id) {
        return tx.handle()
                .createQuery(FIND)
                .bind("organisation", organisation)
                .bind("id", id)
                .map((row, context) ->
                        new Erasure(
                                row.getObject("id", UUID.class),
                                row.getObject("requested_at", OffsetDateTime.class).toInstant(),
                                Optional.ofNullable(row.getObject("done_at", OffsetDateTime.class))
                                        .map(OffsetDateTime::toInstant)))
                .findOne();
    }

    /** How many of an organisation wait, as far as somebody wants to know. */
    int countWaiting(Tx tx, UUID organisation, int most) {
        return tx.handle()
                .createQuery(COUNT_WAITING)
                .bind("organisation", organisation)
                .bind("most", most)
                .mapTo(Integer.class)
                .one();
    }

    /** Who is due behind an organisation, in the order of ids, which begins anew at its end. */
    Optional<UUID> nextOrganisation(Tx tx, UUID after, Instant now) {
        return organisationBehind(tx, after, now)
                .or(() -> organisationBehind(tx, new UUID(0, 0), now));
    }

    private static Optional<UUID> organisationBehind(Tx tx, UUID after, Instant now) {
        return tx.handle()
                .createQuery(NEXT_ORGANISATION)
                .bind("now", now)
                .bind("after", after)
                .mapTo(UUID.class)
                .findOne();
    }

    /** Some that are due, the oldest first. */
    List<Waiting> waiting(Tx tx, UUID organisation, Instant now, int most) {
        return tx.handle()
                .createQuery(WAITING)
                .bind("organisation", organisation)
                .bind("now", now)
                .bind("most", most)
                .map((row, context) -> waiting(row))
                .list();
    }

    void postpone(Tx tx, List<UUID> ids, Instant now) {
        tx.handle()
                .createUpdate(POSTPONE)
                .bindArray("ids", UUID.class, ids)
                .bind("now", now)
                .execute();
    }

    private static Waiting waiting(ResultSet row) throws SQLException {
        return new Waiting(
                row.getObject("id", UUID.class),
                row.getObject("organisation", UUID.class),
                new Subject(Subject.Kind.of(row.getString("kind")), row.getString("subject")),
                new Position(row.getInt("log_partition"), row.getLong("log_offset")));
    }

    void done(Tx tx, List<UUID> ids, Instant at) {
        tx.handle().createUpdate(DONE).bindArray("ids", UUID.class, ids).bind("at", at).execute();
    }

    void forget(Tx tx, Instant before) {
        tx.handle().createUpdate(FORGET).bind("before", before).execute();
    }
}
