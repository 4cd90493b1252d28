package dev.quintet.server;

import dev.quintet.platform.sql.Tx;
import java.util.Optional;

/**
 * The server's own SQL: facts that are fixed once for a database, and console links that were used.
 */
final class ServerStore {

    private static final String FIX =
            """
            insert into server.facts (name, value)
            values (:name, :value)
            on conflict (name) do nothing
            """;
    private static final String FACT =
            """
            select value
            from server.facts
            where name = :name
            """;
    private static final String CHANGE =
            """
            insert into server.facts (name, value)
            values (:name, :value)
            on conflict (name) do update set value = excluded.value
            """;
    // A link lives ten minutes: what is older than a day cannot come again.
    private static final String FORGET_LINKS =
            """
            delete from server.used_links
            where used_at < clock_timestamp() - interval '1 day'
            """;
    private static final String USE_LINK =
            """
            insert into server.used_links (nonce)
            values (:nonce)
            on conflict (nonce) do nothing
            """;

    /** Fixes a fact unless it is fixed already, and returns what holds. */
    String fix(Tx tx, String name, String value) {
        tx.handle().createUpdate(FIX).bind("name", name).bind("value", value).execute();
        return fact(tx, name).orElseThrow();
    }

    Optional<String> fact(Tx tx, String name) {
        return tx.handle().createQuery(FACT).bind("name", name).mapTo(String.class).findOne();
    }

    void change(Tx tx, String name, String value) {
        tx.handle().createUpdate(CHANGE).bind("name", name).bind("value", value).execute();
    }

    /** Whether this is the first use. */
    boolean useLink(Tx tx, byte[] nonce) {
        tx.handle().createUpdate(FORGET_LINKS).execute();
        return tx.handle().createUpdate(USE_LINK).bind("nonce", nonce).execute() == 1;
    }
}
