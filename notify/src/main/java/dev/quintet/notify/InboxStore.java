package dev.quintet.notify;

import static dev.quintet.notify.StoreRows.execute;
import static dev.quintet.notify.StoreRows.instant;
import static dev.quintet.notify.StoreRows.uuid;

import dev.quintet.platform.sql.Tx;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.statement.PreparedBatch;

/** The SQL of inboxes. */
final class InboxStore {

    /**
     * In the order given, so that two who number the same people wait and never lock each other.
     */
    private static final String NEXT_POSITIONS =
            """
            insert into notify.inbox_heads (person, organisation, last)
            select person, organisation, entries
            from unnest(:persons, :organisations, :entries) with ordinality as heads (person, organisation, entries, number)
            order by number
            on conflict (person) do update set last = notify.inbox_heads.last + excluded.last
            returning person, last
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

    record NewEntry(UUID id, UUID person, QueueStore.Accepted notification) {}

    /** Numbers and stores entries; those of one person stand together. */
    void insertEntries(Tx tx, List<NewEntry> entries) {
        if (entries.isEmpty()) {
            return;
        }
        Map<UUID, List<NewEntry>> ofPeople = new LinkedHashMap<>();
        for (NewEntry entry : entries) {
            ofPeople.computeIfAbsent(entry.person(), none -> new ArrayList<>()).add(entry);
        }
        Map<UUID, Long> next = nextPositions(tx, ofPeople);
        PreparedBatch batch = tx.handle().prepareBatch(INSERT_INBOX);
        for (NewEntry entry : entries) {
            QueueStore.Accepted notification = entry.notification();
            batch.bind("person", entry.person())
                    .bind("position", Objects.requireNonNull(next.get(entry.person())))
                    .bind("id", entry.id())
                    .bind("organisation", notification.organisation())
                    .bind("notification", notification.id())
                    .bind("category", notification.category().orElse(null))
                    .bind("title", notification.title())
                    .bind("body", notification.body())
                    .add();
            next.merge(entry.person(), 1L, Long::sum);
        }
        execute(batch);
    }

    /** The first free number of each person; the numbers of all its entries are taken. */
    private static Map<UUID, Long> nextPositions(Tx tx, Map<UUID, List<NewEntry>> ofPeople) {
        Map<UUID, Long> next = new HashMap<>();
        tx.handle()
                .createQuery(NEXT_POSITIONS)
                .bindArray("persons", UUID.class, ofPeople.keySet())
                .bindArray(
                        "organisations",
                        UUID.class,
                        ofPeople.values().stream()
                                .map(its -> its.getFirst().notification().organisation())
                                .toList())
                .bindArray(
                        "entries",
                        Long.class,
                        ofPeople.values().stream().map(its -> (long) its.size()).toList())
                .map((rs, ctx) -> Map.entry(uuid(rs, "person"), rs.getLong("last")))
                .forEach(head -> {
                    int entries = Objects.requireNonNull(ofPeople.get(head.getKey())).size();
                    next.put(head.getKey(), head.getValue() - entries + 1);
                });
        return next;
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
}
