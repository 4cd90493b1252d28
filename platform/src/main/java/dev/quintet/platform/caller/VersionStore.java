package dev.quintet.platform.caller;

import dev.quintet.platform.sql.Tx;
import java.util.HashMap;
import java.util.Map;

/** The SQL of {@code caller.versions}. */
final class VersionStore {

    private static final String ALL =
            """
            select name, version
            from caller.versions
            """;
    private static final String RAISE =
            """
            insert into caller.versions (name, version)
            values (:name, 1)
            on conflict (name) do update
            set version = versions.version + 1
            """;

    Map<String, Long> all(Tx tx) {
        Map<String, Long> all = new HashMap<>();
        tx.handle()
                .createQuery(ALL)
                .map((row, context) -> Map.entry(row.getString(1), row.getLong(2)))
                .forEach(each -> all.put(each.getKey(), each.getValue()));
        return Map.copyOf(all);
    }

    void raise(Tx tx, String name) {
        tx.handle().createUpdate(RAISE).bind("name", name).execute();
    }
}
