package dev.quintet.files;

import dev.quintet.platform.caller.Scope;
import dev.quintet.platform.sql.Tx;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jdbi.v3.core.mapper.RowMapper;

/** All SQL about S3 access keys. */
final class AccessKeyStore {

    private static final String KEY = "id, organisation, person, scopes, created_at\n";

    private static final String LOCK_ORGANISATION =
            """
            select pg_advisory_xact_lock(
              hashtextextended(concat('access-keys/', :organisation), 0))
            """;

    private static final String INSERT =
            """
            insert into files.access_keys (id, organisation, person, scopes, secret, created_at)
            values (:id, :organisation, cast(:person as uuid), :scopes, :secret, :created_at)
            """;

    private static final String BY_ID =
            "select "
                    + KEY
                    + """
                    from files.access_keys
                    where id = :id
                    """;

    private static final String SECRET =
            """
            select secret
            from files.access_keys
            where id = :id
            """;

    private static final String LIST =
            "select "
                    + KEY
                    + """
                    from files.access_keys
                    where organisation = :organisation
                      and (cast(:person as uuid) is null or person = :person)
                    order by created_at, id
                    """;

    private static final String DELETE =
            """
            delete from files.access_keys
            where id = :id
              and organisation = :organisation
              and (cast(:person as uuid) is null or person = :person)
            """;

    private static final String ERASE =
            """
            delete from files.access_keys
            where person = :person
            """;

    /** Nobody else makes one in this organisation until the transaction ends. */
    void lock(Tx tx, UUID organisation) {
        tx.handle()
                .createQuery(LOCK_ORGANISATION)
                .bind("organisation", organisation)
                .mapTo(String.class)
                .list();
    }

    void insert(Tx tx, AccessKey key, byte[] sealedSecret) {
        tx.handle()
                .createUpdate(INSERT)
                .bind("id", key.id())
                .bind("organisation", key.organisation())
                .bind("person", key.person())
                .bind("scopes", key.scopes().stream().map(Scope::wire).toArray(String[]::new))
                .bind("secret", sealedSecret)
                .bind("created_at", key.createdAt())
                .execute();
    }

    Optional<AccessKey> byId(Tx tx, String id) {
        return tx.handle().createQuery(BY_ID).bind("id", id).map(KEYS).findOne();
    }

    /** As it was sealed. */
    byte[] secret(Tx tx, String id) {
        return tx.handle().createQuery(SECRET).bind("id", id).mapTo(byte[].class).one();
    }

    /** All of them: there are at most AccessKeys.MOST. */
    List<AccessKey> list(Tx tx, Reach reach) {
        return FilesStore.bound(tx.handle().createQuery(LIST), reach).map(KEYS).list();
    }

    boolean delete(Tx tx, Reach reach, String id) {
        return tx.handle()
                        .createUpdate(DELETE)
                        .bind("id", id)
                        .bind("organisation", reach.organisation())
                        .bind("person", reach.person())
                        .execute()
                > 0;
    }

    void erase(Tx tx, UUID person) {
        tx.handle().createUpdate(ERASE).bind("person", person).execute();
    }

    private static final RowMapper<AccessKey> KEYS =
            (row, context) ->
                    new AccessKey(
                            row.getString("id"),
                            row.getObject("organisation", UUID.class),
                            FilesStore.person(row),
                            scopes((String[]) row.getArray("scopes").getArray()),
                            FilesStore.at(row, "created_at"));

    private static Set<Scope> scopes(String[] wire) {
        return Arrays.stream(wire)
                .flatMap(text -> Scope.of(text).map(Stream::of).orElse(Stream.empty()))
                .collect(Collectors.toUnmodifiableSet());
    }
}
