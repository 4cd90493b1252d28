package dev.quintet.chat;

import static dev.quintet.chat.ChatStore.array;
import static dev.quintet.chat.ChatStore.uuids;

import dev.quintet.platform.sql.Tx;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import org.jdbi.v3.core.argument.Argument;

/** The SQL of mentions that wait for the decision whether their person missed them. */
final class MentionStore {

    /** One person mentioned in one message, and when it is looked at next. */
    record Waiting(
            UUID organisation,
            UUID room,
            long seq,
            UUID sender,
            UUID person,
            Instant at,
            Instant dueAt) {

        Waiting dueAt(Instant other) {
            return new Waiting(organisation, room, seq, sender, person, at, other);
        }
    }

    private static final String INSERT =
            """
            insert into chat.waiting_mentions
                (organisation, room, seq, sender, person, at, due_at)
            select organisation, room, seq, sender, person, at, due_at
            from unnest(
                :organisations::uuid[], :rooms::uuid[], :seqs::bigint[], :senders::uuid[],
                :persons::uuid[], :ats::timestamptz[], :dues::timestamptz[])
                as waiting (organisation, room, seq, sender, person, at, due_at)
            """;

    void insert(Tx tx, List<Waiting> mentions) {
        tx.handle()
                .createUpdate(INSERT)
                .bind("organisations", uuids(mentions.stream().map(Waiting::organisation).toList()))
                .bind("rooms", uuids(mentions.stream().map(Waiting::room).toList()))
                .bind("seqs", array("bigint", mentions.stream().map(Waiting::seq).toArray()))
                .bind("senders", uuids(mentions.stream().map(Waiting::sender).toList()))
                .bind("persons", uuids(mentions.stream().map(Waiting::person).toList()))
                .bind("ats", times(mentions.stream().map(Waiting::at).toList()))
                .bind("dues", times(mentions.stream().map(Waiting::dueAt).toList()))
                .execute();
    }

    // Taken out: what is not decided yet is put back with a later time.
    private static final String TAKE_DUE =
            """
            delete from chat.waiting_mentions m
            using (
                select room, seq, person
                from chat.waiting_mentions
                where due_at <= :now
                order by due_at
                limit :limit
                for update skip locked
            ) due
            where m.room = due.room
              and m.seq = due.seq
              and m.person = due.person
            returning m.organisation, m.room, m.seq, m.sender, m.person, m.at, m.due_at
            """;

    /** Those whose time has come and that no other node is looking at, by their number. */
    List<Waiting> takeDue(Tx tx, Instant now, int limit) {
        return tx
                .handle()
                .createQuery(TAKE_DUE)
                .bind("now", now.atOffset(ZoneOffset.UTC))
                .bind("limit", limit)
                .map((row, context) ->
                        new Waiting(
                                row.getObject(1, UUID.class),
                                row.getObject(2, UUID.class),
                                row.getLong(3),
                                row.getObject(4, UUID.class),
                                row.getObject(5, UUID.class),
                                row.getObject(6, OffsetDateTime.class).toInstant(),
                                row.getObject(7, OffsetDateTime.class).toInstant()))
                .stream()
                .sorted(Comparator.comparingLong(Waiting::seq))
                .toList();
    }

    private static final String FORGET =
            """
            delete from chat.waiting_mentions
            where person = :person
               or sender = :person
            """;

    void forget(Tx tx, UUID person) {
        tx.handle().createUpdate(FORGET).bind("person", person).execute();
    }

    private static Argument times(List<Instant> times) {
        return array("timestamptz", times.stream().map(Instant::toString).toArray());
    }
}
