package dev.quintet.chat;

import dev.quintet.platform.sql.Tx;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jdbi.v3.core.argument.Argument;
import org.jdbi.v3.core.statement.StatementContext;

/** The SQL of rooms, members and reading; {@link SendingStore} has that of storing messages. */
final class ChatStore {

    static final String ROOM_COLUMNS = "r.id, r.organisation, r.kind, r.name, r.epoch, r.last_seq";
    private static final String MESSAGE_COLUMNS =
            "m.room, m.seq, m.id, m.sender, m.text, m.mentions, m.at";

    /** A room that a live node holds: how far it is, and how often its members have changed. */
    record Head(UUID room, long lastSeq, long membersVersion) {}

    record Membership(UUID room, UUID person) {}

    private static final String FIND_ROOM =
            "select " + ROOM_COLUMNS + " from chat.rooms r where r.id = :room";

    Optional<Room> room(Tx tx, UUID room) {
        return tx.handle()
                .createQuery(FIND_ROOM)
                .bind("room", room)
                .map(ChatStore::readRoom)
                .findOne();
    }

    /** Locks the room's row until the transaction ends: who holds it may add members. */
    Optional<Room> lockRoom(Tx tx, UUID room) {
        return tx.handle()
                .createQuery(FIND_ROOM + " for no key update")
                .bind("room", room)
                .map(ChatStore::readRoom)
                .findOne();
    }

    private static final String INSERT_ROOM =
            """
            insert into chat.rooms
                (id, organisation, kind, name, low, high, epoch, created_at, last_at)
            values (:id, :organisation, :kind, :name, cast(:low as uuid), cast(:high as uuid), :epoch,
                :at, :at)
            on conflict (organisation, low, high) where kind = 'direct' do nothing
            """;

    /** False when the two people of a direct room have one already. */
    boolean insertRoom(Tx tx, Room room, Optional<UUID> low, Optional<UUID> high, Instant at) {
        return tx.handle()
                        .createUpdate(INSERT_ROOM)
                        .bind("id", room.id())
                        .bind("organisation", room.organisation())
                        .bind("kind", room.kind().wire())
                        .bind("name", room.name())
                        .bind("low", low.map(UUID::toString).orElse(null))
                        .bind("high", high.map(UUID::toString).orElse(null))
                        .bind("epoch", room.epoch())
                        .bind("at", utc(at))
                        .execute()
                == 1;
    }

    private static final String FIND_DIRECT =
            "select "
                    + ROOM_COLUMNS
                    + """
                     from chat.rooms r
                    where r.organisation = :organisation
                      and r.low = :low
                      and r.high = :high
                      and r.kind = 'direct'
                    """;

    Room direct(Tx tx, UUID organisation, UUID low, UUID high) {
        return tx.handle()
                .createQuery(FIND_DIRECT)
                .bind("organisation", organisation)
                .bind("low", low)
                .bind("high", high)
                .map(ChatStore::readRoom)
                .one();
    }

    private static final String INSERT_MEMBERS =
            """
            insert into chat.members (organisation, room, person, joined_at, joined_seq)
            select :organisation, :room, person, clock_timestamp(), :seq
            from unnest(:persons::uuid[]) person
            order by person
            on conflict do nothing
            returning person
            """;

    /** Under the room's lock; gives those who were not members yet. */
    Set<UUID> insertMembers(Tx tx, Room room, Collection<UUID> persons) {
        return tx.handle()
                .createQuery(INSERT_MEMBERS)
                .bind("organisation", room.organisation())
                .bind("room", room.id())
                .bind("seq", room.lastSeq())
                .bind("persons", uuids(persons))
                .mapTo(UUID.class)
                .set();
    }

    private static final String COUNT_MEMBERS =
            """
            update chat.rooms
            set member_count = member_count + :change, members_version = members_version + 1
            where id = :room
            returning member_count
            """;

    int countMembers(Tx tx, UUID room, int change) {
        return tx.handle()
                .createQuery(COUNT_MEMBERS)
                .bind("room", room)
                .bind("change", change)
                .mapTo(Integer.class)
                .one();
    }

    private static final String FIND_MEMBERS =
            """
            select m.person
            from chat.members m
            where m.room = :room
              and m.person = any(:persons::uuid[])
            """;

    /** Which of these people are members. */
    Set<UUID> members(Tx tx, UUID room, Collection<UUID> persons) {
        return tx.handle()
                .createQuery(FIND_MEMBERS)
                .bind("room", room)
                .bind("persons", uuids(persons))
                .mapTo(UUID.class)
                .set();
    }

    private static final String FIND_JOINED_SEQ =
            """
            select m.joined_seq
            from chat.members m
            where m.room = :room
              and m.person = :person
            """;

    /** The room's last number when the person became a member. */
    Optional<Long> joinedAt(Tx tx, UUID room, UUID person) {
        return tx.handle()
                .createQuery(FIND_JOINED_SEQ)
                .bind("room", room)
                .bind("person", person)
                .mapTo(Long.class)
                .findOne();
    }

    private static final String FIND_RECENT =
            "select "
                    + ROOM_COLUMNS
                    + """
                     from chat.members m
                    join chat.rooms r on r.id = m.room
                    where m.person = :person
                      and m.organisation = :organisation
                    order by (r.id = any(:asked::uuid[])) desc, r.last_at desc, r.id
                    limit :limit
                    """;

    /** A person's rooms: those asked for, then the one with the newest message first. */
    List<Room> recentRooms(
            Tx tx, UUID organisation, UUID person, Collection<UUID> asked, int limit) {
        return tx.handle()
                .createQuery(FIND_RECENT)
                .bind("person", person)
                .bind("organisation", organisation)
                .bind("asked", uuids(asked))
                .bind("limit", limit)
                .map(ChatStore::readRoom)
                .list();
    }

    private static final String FIND_AFTER =
            "select "
                    + MESSAGE_COLUMNS
                    + """
                     from chat.messages m
                    where m.room = :room
                      and m.seq > :after
                    order by m.seq
                    limit :limit
                    """;

    /** The next messages after a number, ascending. */
    List<Message> after(Tx tx, UUID room, long after, int limit) {
        return tx.handle()
                .createQuery(FIND_AFTER)
                .bind("room", room)
                .bind("after", after)
                .bind("limit", limit)
                .map(ChatStore::readMessage)
                .list();
    }

    private static final String FIND_BEFORE =
            "select "
                    + MESSAGE_COLUMNS
                    + """
                     from chat.messages m
                    where m.room = :room
                      and m.seq < :before
                    order by m.seq desc
                    limit :limit
                    """;

    /** The messages before a number, descending. */
    List<Message> before(Tx tx, UUID room, long before, int limit) {
        return tx.handle()
                .createQuery(FIND_BEFORE)
                .bind("room", room)
                .bind("before", before)
                .bind("limit", limit)
                .map(ChatStore::readMessage)
                .list();
    }

    private static final String FIND_AFTER_EACH =
            "select "
                    + MESSAGE_COLUMNS
                    + """
                     from unnest(:rooms::uuid[], :seqs::bigint[]) known (room, seq)
                    cross join lateral (
                        select newer.room, newer.seq, newer.id, newer.sender, newer.text,
                            newer.mentions, newer.at
                        from chat.messages newer
                        where newer.room = known.room
                          and newer.seq > known.seq
                        order by newer.seq
                        limit :each
                    ) m
                    order by m.room, m.seq
                    limit :limit
                    """;

    /**
     * For many rooms at once what follows each position, an equal part of the limit for each: what
     * is cut short is read on when the room is joined. So no more rows are read than are given.
     */
    List<Message> afterEach(Tx tx, List<Chat.Position> known, int limit) {
        return tx.handle()
                .createQuery(FIND_AFTER_EACH)
                .bind("rooms", uuids(known.stream().map(Chat.Position::room).toList()))
                .bind("seqs", array("bigint", known.stream().map(Chat.Position::seq).toArray()))
                .bind("each", Math.max(2, limit / known.size()))
                .bind("limit", limit)
                .map(ChatStore::readMessage)
                .list();
    }

    private static final String FIND_HEADS =
            """
            select r.id, r.last_seq, r.members_version
            from chat.rooms r
            where r.id = any(:rooms::uuid[])
            """;

    List<Head> heads(Tx tx, Collection<UUID> rooms) {
        return tx.handle()
                .createQuery(FIND_HEADS)
                .bind("rooms", uuids(rooms))
                .map((row, context) ->
                        new Head(row.getObject(1, UUID.class), row.getLong(2), row.getLong(3)))
                .list();
    }

    /** A room's last number is how many messages it has had. */
    record Totals(long rooms, long messages) {}

    private static final String COUNT_TOTALS =
            """
            select count(*), coalesce(sum(r.last_seq), 0)
            from chat.rooms r
            where r.organisation = :organisation
            """;

    Totals totals(Tx tx, UUID organisation) {
        return tx.handle()
                .createQuery(COUNT_TOTALS)
                .bind("organisation", organisation)
                .map((row, context) -> new Totals(row.getLong(1), row.getLong(2)))
                .one();
    }

    private static final String FIND_JOINED =
            """
            select m.room, m.person
            from chat.members m
            where m.joined_at > clock_timestamp() - make_interval(secs => :seconds)
            limit 20000
            """;

    /** Who became a member of what in the last seconds: what a node checks against lost hints. */
    List<Membership> joinedWithin(Tx tx, double seconds) {
        return tx.handle()
                .createQuery(FIND_JOINED)
                .bind("seconds", seconds)
                .map((row, context) ->
                        new Membership(row.getObject(1, UUID.class), row.getObject(2, UUID.class)))
                .list();
    }

    private static final String DELETE_MEMBERSHIPS =
            """
            with gone as (
                delete from chat.members
                where person = :person
                returning room
            )
            update chat.rooms
            set member_count = member_count - 1, members_version = members_version + 1
            where id in (select room from gone)
            returning id
            """;

    Set<UUID> deleteMemberships(Tx tx, UUID person) {
        return tx.handle()
                .createQuery(DELETE_MEMBERSHIPS)
                .bind("person", person)
                .mapTo(UUID.class)
                .set();
    }

    private static final String ERASE_SENT =
            """
            update chat.messages
            set sender = null, client_id = null, text = '', mentions = '{}'
            where ctid = any(array(
                select ctid from chat.messages where sender = :person limit :limit))
            """;

    /** Leaves numbered tombstones; gives how many, at most the limit. */
    int eraseSent(Tx tx, UUID person, int limit) {
        return tx.handle()
                .createUpdate(ERASE_SENT)
                .bind("person", person)
                .bind("limit", limit)
                .execute();
    }

    private static final String ERASE_MENTIONS =
            """
            update chat.messages
            set mentions = array_remove(mentions, :person)
            where mentions @> array[:person]::uuid[]
              and mentions <> '{}'
            """;

    void eraseMentions(Tx tx, UUID person) {
        tx.handle().createUpdate(ERASE_MENTIONS).bind("person", person).execute();
    }

    static Room readRoom(ResultSet row, StatementContext context) throws SQLException {
        String kind = row.getString(3);
        return new Room(
                row.getObject(1, UUID.class),
                row.getObject(2, UUID.class),
                RoomKind.of(kind).orElseThrow(() -> new IllegalStateException("kind " + kind)),
                row.getString(4),
                row.getString(5),
                row.getLong(6));
    }

    private static Message readMessage(ResultSet row, StatementContext context)
            throws SQLException {
        return new Message(
                row.getObject(1, UUID.class),
                row.getLong(2),
                row.getObject(3, UUID.class),
                Optional.ofNullable(row.getObject(4, UUID.class)),
                row.getString(5),
                Arrays.asList((UUID[]) row.getArray(6).getArray()),
                row.getObject(7, OffsetDateTime.class).toInstant());
    }

    private static OffsetDateTime utc(Instant at) {
        return at.atOffset(ZoneOffset.UTC);
    }

    static Argument uuids(Collection<UUID> ids) {
        return array("uuid", ids.toArray());
    }

    static Argument texts(Collection<String> texts) {
        return array("text", texts.toArray());
    }

    static Argument array(String type, Object[] values) {
        return (position, statement, context) ->
                statement.setArray(position, statement.getConnection().createArrayOf(type, values));
    }
}
