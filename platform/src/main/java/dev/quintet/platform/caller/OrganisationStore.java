package dev.quintet.platform.caller;

import dev.quintet.platform.sql.Tx;
import java.util.UUID;

/** The SQL of {@code caller.organisations}. */
final class OrganisationStore {

    private static final String INSERT =
            """
            insert into caller.organisations (id, name)
            values (:id, :name)
            """;
    private static final String EXISTS =
            """
            select exists (select 1 from caller.organisations where id = :id)
            """;

    void insert(Tx tx, UUID id, String name) {
        tx.handle().createUpdate(INSERT).bind("id", id).bind("name", name).execute();
    }

    boolean exists(Tx tx, UUID id) {
        return tx.handle().createQuery(EXISTS).bind("id", id).mapTo(Boolean.class).one();
    }
}
