package dev.quintet.platform.caller;

import dev.quintet.platform.sql.Tx;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/** The SQL of {@code caller.keys}. */
final class ApiKeyStore {

    private static final String INSERT =
            """
            insert into caller.keys (id, organisation, name, scopes, hash)
            values (:id, :organisation, :name, :scopes, :hash)
            """;
    private static final String BY_HASH =
            """
            select id, organisation, name, scopes, made_at, last_used_at
            from caller.keys
            where hash in (select decode(hash_in_hex, 'hex') from unnest(:hashes) hash_in_hex)
              and revoked_at is null
            """;
    private static final String LIST =
            """
            select id, organisation, name, scopes, made_at, last_used_at
            from caller.keys
            where organisation = :organisation
              and revoked_at is null
              and id > :after
            order by id
            limit :most
            """;
    private static final String REVOKE =
            """
            update caller.keys
            set revoked_at = clock_timestamp()
            where organisation = :organisation
              and id = :id
              and revoked_at is null
            """;
    private static final String USED =
            """
            update caller.keys
            set last_used_at = clock_timestamp()
            where id = :id
              and (last_used_at is null or last_used_at < clock_timestamp() - interval '1 minute')
            """;
    private static final String LOCK =
            """
            select true
            from (select pg_advisory_xact_lock(hashtextextended('the first key', 0))) locked
            """;
    private static final String NONE =
            """
            select not exists (select 1 from caller.keys)
            """;

    private static final UUID BEFORE_ALL = new UUID(0, 0);

    void insert(Tx tx, UUID id, UUID organisation, String name, Set<Scope> scopes, byte[] hash) {
        tx.handle()
                .createUpdate(INSERT)
                .bind("id", id)
                .bind("organisation", organisation)
                .bind("name", name)
                .bind("scopes", scopes.stream().map(Scope::wire).sorted().toArray(String[]::new))
                .bind("hash", hash)
                .execute();
    }

    Optional<ApiKey> byHash(Tx tx, List<byte[]> hashes) {
        return tx.handle()
                .createQuery(BY_HASH)
                .bind(
                        "hashes",
                        hashes.stream().map(HexFormat.of()::formatHex).toArray(String[]::new))
                .map((row, context) -> key(row))
                .findFirst();
    }

    List<ApiKey> list(Tx tx, UUID organisation, Optional<UUID> after, int most) {
        return tx.handle()
                .createQuery(LIST)
                .bind("organisation", organisation)
                .bind("after", after.orElse(BEFORE_ALL))
                .bind("most", most)
                .map((row, context) -> key(row))
                .list();
    }

    boolean revoke(Tx tx, UUID organisation, UUID id) {
        return tx.handle()
                        .createUpdate(REVOKE)
                        .bind("organisation", organisation)
                        .bind("id", id)
                        .execute()
                > 0;
    }

    void used(Tx tx, UUID id) {
        tx.handle().createUpdate(USED).bind("id", id).execute();
    }

    boolean lockAndAskWhetherEmpty(Tx tx) {
        tx.handle().createQuery(LOCK).mapTo(Boolean.class).one();
        return tx.handle().createQuery(NONE).mapTo(Boolean.class).one();
    }

    private static ApiKey key(ResultSet row) throws SQLException {
        Set<Scope> scopes = EnumSet.noneOf(Scope.class);
        // A scope that a newer release has written means nothing to this one.
        Arrays.stream((String[]) row.getArray("scopes").getArray())
                .flatMap(wire -> Scope.of(wire).stream())
                .forEach(scopes::add);
        return new ApiKey(
                row.getObject("id", UUID.class),
                row.getObject("organisation", UUID.class),
                row.getString("name"),
                scopes,
                row.getObject("made_at", OffsetDateTime.class).toInstant(),
                Optional.ofNullable(row.getObject("last_used_at", OffsetDateTime.class))
                        .map(OffsetDateTime::toInstant));
    }
}
