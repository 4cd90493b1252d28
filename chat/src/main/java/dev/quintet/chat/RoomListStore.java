package dev.quintet.chat;

import dev.quintet.platform.sql.Tx;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** The SQL by which rooms are listed, newest first. */
final class RoomListStore {

    // Served by chat.rooms_listed; one person's rooms are few, so theirs are looked up by member.
    private static final String LIST =
            """
            select id, kind, name, member_count, last_seq, created_at
            from chat.rooms r
            where organisation = :organisation
              and (created_at, id) < (:beforeAt, :beforeId)
              and (cast(:person as uuid) is null
                   or exists (
                       select
                       from chat.members m
                       where m.room = r.id
                         and m.person = cast(:person as uuid)))
            order by created_at desc, id desc
            limit :limit
            """;

    List<RoomListed> list(
            Tx tx,
            UUID organisation,
            Optional<UUID> person,
            Instant beforeAt,
            UUID beforeId,
            int limit) {
        return tx.handle()
                .createQuery(LIST)
                .bind("organisation", organisation)
                .bindByType("person", person.orElse(null), UUID.class)
                .bind("beforeAt", beforeAt)
                .bind("beforeId", beforeId)
                .bind("limit", limit)
                .map((rs, ctx) ->
                        new RoomListed(
                                rs.getObject("id", UUID.class),
                                RoomKind.of(rs.getString("kind")).orElseThrow(),
                                rs.getString("name"),
                                rs.getInt("member_count"),
                                rs.getLong("last_seq"),
                                rs.getObject("created_at", OffsetDateTime.class).toInstant()))
                .list();
    }
}
