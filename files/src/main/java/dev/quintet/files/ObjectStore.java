package dev.quintet.files;

import dev.quintet.files.ObjectPage.Entry;
import dev.quintet.files.ObjectQuery.From;
import dev.quintet.platform.sql.Tx;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.statement.Query;

/** The SQL of listing a bucket by prefix and delimiter. */
final class ObjectStore {

    private static final String KEYS =
            "select "
                    + FilesStore.FILE
                    + """
                    from files.files
                    where organisation = :organisation
                      and bucket = :bucket
                      and (cast(:person as uuid) is null or person = :person)
                      and key >= :prefix
                      and key >= :least
                      and key > :behind
                      and (:end = '' or key < :end)
                    order by key
                    limit :limit
                    """;

    // One index probe per entry: below a common prefix nothing is read but its first key.
    private static final String ENTRIES =
            """
            with recursive step as (
              (
                select key, strpos(substr(key, length(:prefix) + 1), :delimiter) as cut, 1 as number
                from files.files
                where organisation = :organisation
                  and bucket = :bucket
                  and (cast(:person as uuid) is null or person = :person)
                  and key >= :prefix
                  and key >= :least
                  and key > :behind
                  and (:end = '' or key < :end)
                order by key
                limit 1
              )
              union all
              select following.key,
                     strpos(substr(following.key, length(:prefix) + 1), :delimiter),
                     step.number + 1
              from step
              cross join lateral (
                select key
                from files.files
                where organisation = :organisation
                  and bucket = :bucket
                  and (cast(:person as uuid) is null or person = :person)
                  and key >= case
                        when step.cut = 0 then step.key
                        else left(step.key, length(:prefix) + step.cut - 1) || :past_delimiter
                      end
                  and key > step.key
                  and (:end = '' or key < :end)
                order by key
                limit 1
              ) as following
              where step.number < :limit
            )
            select step.cut, file.id, file.organisation, file.person, file.bucket, file.key,
                   file.name, file.media_type, file.size, file.tag, file.checksum, file.metadata,
                   file.tus_metadata, file.blob, file.created_at, file.position
            from step
            join files.files as file
              on file.organisation = :organisation
              and file.bucket = :bucket
              and file.key = step.key
            order by file.key
            """;

    ObjectPage list(Tx tx, Reach reach, ObjectQuery asked) {
        List<Entry> found =
                asked.delimiter().isEmpty() ? keys(tx, reach, asked) : entries(tx, reach, asked);
        if (found.size() <= asked.limit()) {
            return new ObjectPage(found, Optional.empty());
        }
        List<Entry> page = found.subList(0, asked.limit());
        From next =
                switch (page.getLast()) {
                    case Entry.Key(StoredFile file) -> new From.Key(file.key());
                    case Entry.Prefix(String text) -> new From.Prefix(text);
                };
        return new ObjectPage(page, Optional.of(next));
    }

    private static List<Entry> keys(Tx tx, Reach reach, ObjectQuery asked) {
        var query = FilesStore.bound(tx.handle().createQuery(KEYS), reach);
        return within(query, asked)
                .map(FilesStore.FILES)
                .map(file -> (Entry) new Entry.Key(file))
                .list();
    }

    private static List<Entry> entries(Tx tx, Reach reach, ObjectQuery asked) {
        var query = FilesStore.bound(tx.handle().createQuery(ENTRIES), reach);
        List<Entry> found = new ArrayList<>();
        within(query, asked)
                .bind("delimiter", asked.delimiter())
                .bind("past_delimiter", ObjectQuery.behind(asked.delimiter()))
                .map((row, context) -> {
                    int cut = row.getInt("cut");
                    StoredFile file = FilesStore.FILES.map(row, context);
                    return cut == 0
                            ? new Entry.Key(file)
                            : new Entry.Prefix(commonPrefix(file.key(), asked, cut));
                })
                .forEach(found::add);
        return found;
    }

    /** {@code cut} counts code points, as PostgreSQL does. */
    private static String commonPrefix(String key, ObjectQuery asked, int cut) {
        int start = key.offsetByCodePoints(asked.prefix().length(), cut - 1);
        return key.substring(0, start) + asked.delimiter();
    }

    private static Query within(Query query, ObjectQuery asked) {
        String least =
                asked.from() instanceof From.Prefix(String prefix)
                        ? ObjectQuery.behind(prefix)
                        : "";
        String behind = asked.from() instanceof From.Key(String key) ? key : "";
        return query.bind("bucket", asked.bucket())
                .bind("prefix", asked.prefix())
                .bind("least", least)
                .bind("behind", behind)
                .bind("end", asked.prefix().isEmpty() ? "" : ObjectQuery.behind(asked.prefix()))
                .bind("limit", asked.limit() + 1);
    }
}
