package dev.quintet.chat;

import static dev.quintet.chat.ChatStore.array;
import static dev.quintet.chat.ChatStore.texts;
import static dev.quintet.chat.ChatStore.uuids;
import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.mapping;
import static java.util.stream.Collectors.toSet;

import dev.quintet.platform.sql.Tx;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The SQL by which messages are stored, many rooms at once. Not final: tests plant faults. */
class SendingStore {

    /** Who sent what where, for finding a retry. */
    record Once(UUID room, UUID sender, String clientId) {}

    /** What is stored under a sender's own name: a retry repeats its text and its mentions. */
    record Stored(Sent sent, String text, Set<UUID> mentions) {

        boolean isRepeatedBy(Draft draft) {
            return text.equals(draft.text()) && mentions.equals(Set.copyOf(draft.mentions()));
        }
    }

    /** A message that is about to be stored, and its sender's own name for it. */
    record Numbered(UUID organisation, Message message, String clientId) {}

    private static final String LOCK =
            "select "
                    + ChatStore.ROOM_COLUMNS
                    + """
                     from chat.rooms r
                    where r.id = any(:rooms::uuid[])
                    for no key update
                    """;

    /** Locks a room's row until the transaction ends: who holds it may number. */
    List<Room> lock(Tx tx, UUID room) {
        return rooms(tx, LOCK, List.of(room));
    }

    /** Of these rooms, locks those that nobody else holds. */
    List<Room> lockFree(Tx tx, Collection<UUID> rooms) {
        return rooms(tx, LOCK + " skip locked", rooms);
    }

    private static List<Room> rooms(Tx tx, String sql, Collection<UUID> rooms) {
        return tx.handle()
                .createQuery(sql)
                .bind("rooms", uuids(rooms))
                .map(ChatStore::readRoom)
                .list();
    }

    private static final String FIND_MEMBERS =
            """
            select m.room, m.person
            from unnest(:rooms::uuid[], :persons::uuid[]) asked (room, person)
            join chat.members m on m.room = asked.room and m.person = asked.person
            """;

    /** Which of these are members, by room. */
    Map<UUID, Set<UUID>> members(Tx tx, Stream<ChatStore.Membership> people) {
        List<ChatStore.Membership> asked = people.toList();
        return tx.handle()
                .createQuery(FIND_MEMBERS)
                .bind("rooms", uuids(asked.stream().map(ChatStore.Membership::room).toList()))
                .bind("persons", uuids(asked.stream().map(ChatStore.Membership::person).toList()))
                .map((row, context) ->
                        new ChatStore.Membership(
                                row.getObject(1, UUID.class), row.getObject(2, UUID.class)))
                .collect(
                        groupingBy(
                                ChatStore.Membership::room,
                                mapping(ChatStore.Membership::person, toSet())));
    }

    // A lateral lookup by the unique index: a join planned while the table is small would scan it.
    private static final String FIND_SENT =
            """
            select m.room, m.sender, m.client_id, m.seq, m.id, m.text, m.mentions
            from unnest(:rooms::uuid[], :senders::uuid[], :clients::text[])
                once (room, sender, client)
            cross join lateral (
                select known.room, known.sender, known.client_id, known.seq, known.id, known.text,
                       known.mentions
                from chat.messages known
                where known.sender = once.sender
                  and known.room = once.room
                  and known.client_id = once.client
                limit 1
            ) m
            """;

    /** What of these is stored already. A statement of its own: its snapshot is after the lock. */
    Map<Once, Stored> sent(Tx tx, List<Once> asked) {
        Map<Once, Stored> found = new HashMap<>();
        tx.handle()
                .createQuery(FIND_SENT)
                .bind("rooms", uuids(asked.stream().map(Once::room).toList()))
                .bind("senders", uuids(asked.stream().map(Once::sender).toList()))
                .bind("clients", texts(asked.stream().map(Once::clientId).toList()))
                .map((row, context) ->
                        found.put(
                                new Once(
                                        row.getObject(1, UUID.class),
                                        row.getObject(2, UUID.class),
                                        row.getString(3)),
                                new Stored(
                                        new Sent(row.getLong(4), row.getObject(5, UUID.class)),
                                        row.getString(6),
                                        Set.copyOf(
                                                Arrays.asList(
                                                        (UUID[]) row.getArray(7).getArray())))))
                .list();
        return found;
    }

    private static final String INSERT =
            """
            with waiting as (
                select *
                from unnest(
                    :organisations::uuid[], :rooms::uuid[], :seqs::bigint[], :ids::uuid[],
                    :senders::uuid[], :clients::text[], :texts::text[], :mentions::text[])
                    as waiting (organisation, room, seq, id, sender, client, text, mentions)
            ), stored as (
                insert into chat.messages
                    (organisation, room, seq, id, sender, client_id, text, mentions, at)
                select organisation, room, seq, id, sender, client, text,
                    string_to_array(mentions, ',')::uuid[], :at
                from waiting
            )
            update chat.rooms r
            set last_seq = last.seq, last_at = :at
            from (select room, max(seq) as seq from waiting group by room) last
            where r.id = last.room
            """;

    /** Under the rooms' locks: stores messages of one moment and moves each room to its last. */
    void insert(Tx tx, List<Numbered> batch) {
        List<Message> messages = batch.stream().map(Numbered::message).toList();
        tx.handle()
                .createUpdate(INSERT)
                .bind("organisations", uuids(batch.stream().map(Numbered::organisation).toList()))
                .bind("rooms", uuids(messages.stream().map(Message::room).toList()))
                .bind("seqs", array("bigint", messages.stream().map(Message::seq).toArray()))
                .bind("ids", uuids(messages.stream().map(Message::id).toList()))
                .bind("senders", uuids(messages.stream().map(one -> one.sender().get()).toList()))
                .bind("clients", texts(batch.stream().map(Numbered::clientId).toList()))
                .bind("texts", texts(messages.stream().map(Message::text).toList()))
                .bind("mentions", texts(messages.stream().map(SendingStore::joined).toList()))
                .bind("at", messages.getFirst().at().atOffset(ZoneOffset.UTC))
                .execute();
    }

    private static String joined(Message message) {
        return message.mentions().stream().map(UUID::toString).collect(Collectors.joining(","));
    }
}
