package dev.quintet.auth;

import dev.quintet.auth.Revocations.Kind;
import dev.quintet.auth.Revocations.Revocation;
import dev.quintet.auth.Revocations.Subject;
import dev.quintet.platform.sql.Tx;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/** The SQL of codes, token families and revocations. */
final class GrantStore {

    /** A code as it is stored. */
    record CodeRow(
            String hash,
            UUID organisation,
            UUID client,
            UUID person,
            UUID session,
            Set<String> scopes,
            String redirectUri,
            String challenge,
            Optional<String> nonce,
            Instant signedInAt,
            boolean used,
            Optional<UUID> family) {}

    /**
     * A family and its user.
     *
     * @param now the database's clock when the row was read
     */
    record FamilyRow(Family family, User user, Instant now) {}

    // --- codes

    private static final String INSERT_CODE =
            """
            insert into auth.codes
              (hash, organisation, client, person, session, scopes, redirect_uri, challenge, nonce, signed_in_at, ends_at)
            values
              (:hash, :organisation, :client, :person, :session, :scopes, :redirect_uri, :challenge, :nonce, :signed_in_at, clock_timestamp() + make_interval(secs => :life))
            """;

    private static final String LOCK_CODE =
            """
            select hash, organisation, client, person, session, scopes, redirect_uri, challenge, nonce, signed_in_at, used, family
            from auth.codes
            where hash = any (:hashes)
              and (used or ends_at > clock_timestamp())
            for update
            """;

    private static final String SPEND_CODE =
            """
            update auth.codes
            set used = true,
                family = cast(:family as uuid)
            where hash = :hash
            """;

    void insertCode(Tx tx, CodeRow code, Duration life) {
        tx.handle()
                .createUpdate(INSERT_CODE)
                .bind("hash", code.hash())
                .bind("organisation", code.organisation())
                .bind("client", code.client())
                .bind("person", code.person())
                .bind("session", code.session())
                .bindArray("scopes", String.class, code.scopes().toArray())
                .bind("redirect_uri", code.redirectUri())
                .bind("challenge", code.challenge())
                .bind("nonce", code.nonce().orElse(null))
                .bind("signed_in_at", code.signedInAt())
                .bind("life", AuthStore.seconds(life))
                .execute();
    }

    Optional<CodeRow> lockCode(Tx tx, List<String> hashes) {
        return tx.handle()
                .createQuery(LOCK_CODE)
                .bindArray("hashes", String.class, hashes.toArray())
                .map((row, context) -> code(row))
                .findOne();
    }

    void spendCode(Tx tx, String hash, Optional<UUID> family) {
        tx.handle()
                .createUpdate(SPEND_CODE)
                .bind("hash", hash)
                .bind("family", family.orElse(null))
                .execute();
    }

    // --- families

    private static final String INSERT_FAMILY =
            """
            with opened as (
              insert into auth.families
                (id, organisation, client, person, session, scopes, signed_in_at, seed, generation, spends, idle_until, ends_at)
              values
                (:id, :organisation, :client, :person, :session, :scopes, :signed_in_at, :seed, 1, '{}',
                 clock_timestamp() + make_interval(secs => :idle), clock_timestamp() + make_interval(secs => :longest))
              returning id, client, person, scopes, signed_in_at, seed, generation, spends, idle_until, ends_at, ended_at
            )
            select f.id, f.client, f.scopes as family_scopes, f.signed_in_at, f.seed, f.generation, f.spends, f.idle_until, f.ends_at, f.ended_at,
                   u.person, u.organisation, u.email, u.name, u.scopes, u.created_at, clock_timestamp() as now
            from opened f
            join auth.users u on u.person = f.person
            """;

    // The whole rotation: of any number at once, one finds its generation still live.
    private static final String ADVANCE =
            """
            update auth.families f
            set generation = f.generation + 1,
                spends = trim_array(array_prepend(clock_timestamp(), f.spends), greatest(0, cardinality(f.spends) + 1 - :kept)),
                idle_until = clock_timestamp() + make_interval(secs => :idle)
            from auth.users u
            where f.id = :id
              and f.client = :client
              and f.generation = :generation
              and f.ended_at is null
              and f.idle_until > clock_timestamp()
              and f.ends_at > clock_timestamp()
              and u.person = f.person
            returning f.id, f.client, f.scopes as family_scopes, f.signed_in_at, f.seed, f.generation, f.spends, f.idle_until, f.ends_at, f.ended_at,
                      u.person, u.organisation, u.email, u.name, u.scopes, u.created_at, clock_timestamp() as now
            """;

    private static final String FAMILY =
            """
            select f.id, f.client, f.scopes as family_scopes, f.signed_in_at, f.seed, f.generation, f.spends, f.idle_until, f.ends_at, f.ended_at,
                   u.person, u.organisation, u.email, u.name, u.scopes, u.created_at, clock_timestamp() as now
            from auth.families f
            join auth.users u on u.person = f.person
            where f.id = :id
            """;

    private static final String SESSION_OF =
            """
            select session
            from auth.families
            where id = :id
            """;

    private static final String END_FAMILIES =
            """
            update auth.families
            set ended_at = clock_timestamp()
            where id = any (:ids)
              and ended_at is null
            returning id
            """;

    private static final String END_FAMILIES_OF_SESSION =
            """
            update auth.families
            set ended_at = clock_timestamp()
            where session = :session
              and ended_at is null
              and not 'offline_access' = any (scopes)
            returning id
            """;

    private static final String DELETE_SESSION =
            """
            delete from auth.sessions
            where id = :session
            """;

    private static final String MOVE_FAMILIES =
            """
            update auth.families
            set session = :to
            where session = :from
              and ended_at is null
            """;

    private static final String DELETE_FAMILIES_OF =
            """
            delete from auth.families
            where person = :person
            """;

    /** Empty when the person is gone. */
    Optional<FamilyRow> insertFamily(
            Tx tx, UUID id, CodeRow code, String seed, Duration idle, Duration longest) {
        return tx.handle()
                .createQuery(INSERT_FAMILY)
                .bind("id", id)
                .bind("organisation", code.organisation())
                .bind("client", code.client())
                .bind("person", code.person())
                .bind("session", code.session())
                .bindArray("scopes", String.class, code.scopes().toArray())
                .bind("signed_in_at", code.signedInAt())
                .bind("seed", seed)
                .bind("idle", AuthStore.seconds(idle))
                .bind("longest", AuthStore.seconds(longest))
                .map((row, context) -> family(row))
                .findOne();
    }

    Optional<FamilyRow> advance(Tx tx, UUID id, UUID client, long generation, Duration idle) {
        return tx.handle()
                .createQuery(ADVANCE)
                .bind("id", id)
                .bind("client", client)
                .bind("generation", generation)
                .bind("kept", Family.SPENDS_KEPT)
                .bind("idle", AuthStore.seconds(idle))
                .map((row, context) -> family(row))
                .findOne();
    }

    Optional<FamilyRow> family(Tx tx, UUID id) {
        return tx.handle()
                .createQuery(FAMILY)
                .bind("id", id)
                .map((row, context) -> family(row))
                .findOne();
    }

    /** The session in which a family was opened, or to which it moved. */
    Optional<UUID> sessionOf(Tx tx, UUID family) {
        return tx.handle().createQuery(SESSION_OF).bind("id", family).mapTo(UUID.class).findOne();
    }

    List<UUID> endFamilies(Tx tx, List<UUID> ids) {
        return tx.handle()
                .createQuery(END_FAMILIES)
                .bindArray("ids", UUID.class, ids.toArray())
                .mapTo(UUID.class)
                .list();
    }

    /** Deletes the session and ends what it opened; gives the ended families. */
    List<UUID> endSession(Tx tx, UUID session) {
        tx.handle().createUpdate(DELETE_SESSION).bind("session", session).execute();
        return tx.handle()
                .createQuery(END_FAMILIES_OF_SESSION)
                .bind("session", session)
                .mapTo(UUID.class)
                .list();
    }

    void moveFamilies(Tx tx, UUID from, UUID to) {
        tx.handle().createUpdate(MOVE_FAMILIES).bind("from", from).bind("to", to).execute();
    }

    void deleteFamiliesOf(Tx tx, UUID person) {
        tx.handle().createUpdate(DELETE_FAMILIES_OF).bind("person", person).execute();
    }

    // --- revocations

    private static final String NEXT_POSITIONS =
            """
            update auth.revocation_count
            set value = value + :count
            returning value
            """;

    private static final String INSERT_REVOCATION =
            """
            insert into auth.revocations (position, kind, subject, until)
            values (:position, :kind, :subject, :until)
            """;

    private static final String REVOCATIONS_AFTER =
            """
            select position, kind, subject, until
            from auth.revocations
            where position > :position
            order by position
            """;

    void insertRevocations(Tx tx, List<Subject> subjects, Instant until) {
        long last =
                tx.handle()
                        .createQuery(NEXT_POSITIONS)
                        .bind("count", subjects.size())
                        .mapTo(Long.class)
                        .one();
        long position = last - subjects.size();
        for (Subject subject : subjects) {
            position++;
            tx.handle()
                    .createUpdate(INSERT_REVOCATION)
                    .bind("position", position)
                    .bind("kind", subject.kind().name().toLowerCase(Locale.ROOT))
                    .bind("subject", subject.id())
                    .bind("until", until)
                    .execute();
        }
    }

    List<Revocation> revocationsAfter(Tx tx, long position) {
        return tx.handle()
                .createQuery(REVOCATIONS_AFTER)
                .bind("position", position)
                .map((row, context) ->
                        new Revocation(
                                row.getLong("position"),
                                new Subject(
                                        Kind.valueOf(
                                                row.getString("kind").toUpperCase(Locale.ROOT)),
                                        row.getString("subject")),
                                AuthStore.instant(row, "until")))
                .list();
    }

    private static CodeRow code(ResultSet row) throws SQLException {
        return new CodeRow(
                row.getString("hash"),
                row.getObject("organisation", UUID.class),
                row.getObject("client", UUID.class),
                row.getObject("person", UUID.class),
                row.getObject("session", UUID.class),
                Set.copyOf(AuthStore.texts(row, "scopes")),
                row.getString("redirect_uri"),
                row.getString("challenge"),
                Optional.ofNullable(row.getString("nonce")),
                AuthStore.instant(row, "signed_in_at"),
                row.getBoolean("used"),
                Optional.ofNullable(row.getObject("family", UUID.class)));
    }

    private static FamilyRow family(ResultSet row) throws SQLException {
        User user = AuthStore.user(row);
        Family family =
                new Family(
                        row.getObject("id", UUID.class),
                        user.organisation(),
                        row.getObject("client", UUID.class),
                        user.person(),
                        Set.copyOf(AuthStore.texts(row, "family_scopes")),
                        AuthStore.instant(row, "signed_in_at"),
                        row.getString("seed"),
                        row.getLong("generation"),
                        Arrays.stream((Timestamp[]) row.getArray("spends").getArray())
                                .map(Timestamp::toInstant)
                                .toList(),
                        AuthStore.instant(row, "idle_until"),
                        AuthStore.instant(row, "ends_at"),
                        Optional.ofNullable(row.getTimestamp("ended_at"))
                                .map(Timestamp::toInstant));
        return new FamilyRow(family, user, AuthStore.instant(row, "now"));
    }
}
