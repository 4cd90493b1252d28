package dev.quintet.chat;

import static dev.quintet.chat.ChatRefusal.BAD_ROOM_NAME;
import static dev.quintet.chat.ChatRefusal.CHANNEL_NEEDS_ADMIN;
import static dev.quintet.chat.ChatRefusal.DIRECT_IS_FIXED;
import static dev.quintet.chat.ChatRefusal.DIRECT_NEEDS_TWO;
import static dev.quintet.chat.ChatRefusal.NOT_A_MEMBER;
import static dev.quintet.chat.ChatRefusal.PERSON_NEEDED;
import static dev.quintet.chat.ChatRefusal.PERSON_UNKNOWN;
import static dev.quintet.chat.ChatRefusal.ROOM_FULL;
import static dev.quintet.chat.ChatRefusal.ROOM_UNKNOWN;
import static dev.quintet.chat.ChatRefusal.TOO_MANY_MEMBERS_AT_ONCE;

import dev.quintet.platform.IdKind;
import dev.quintet.platform.Ids;
import dev.quintet.platform.Texts;
import dev.quintet.platform.caller.Caller;
import dev.quintet.platform.caller.Scope;
import dev.quintet.platform.sql.Tx;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.BiConsumer;
import java.util.random.RandomGenerator;

/** Opens rooms and lets people in: who may, how many, and the two of a direct room. */
final class Rooms {

    private static final int LONGEST_NAME = 200;

    private final ChatStore store;
    private final BiConsumer<UUID, Set<UUID>> becameMembers;
    private final Ids ids;
    private final InstantSource time;
    private final RandomGenerator random;
    private final ChatConfig config;
    private final Chat.KnownPeople people;

    Rooms(
            ChatStore store,
            BiConsumer<UUID, Set<UUID>> becameMembers,
            Ids ids,
            InstantSource time,
            RandomGenerator random,
            ChatConfig config,
            Chat.KnownPeople people) {
        this.store = store;
        this.becameMembers = becameMembers;
        this.ids = ids;
        this.time = time;
        this.random = random;
        this.config = config;
        this.people = people;
    }

    Room create(Tx tx, Caller caller, RoomKind kind, String name, Set<UUID> members) {
        Set<UUID> all = new HashSet<>(members);
        checkCreator(caller, kind);
        caller.person().ifPresent(all::add);
        checkCount(all.size());
        if (name.length() > LONGEST_NAME
                || (kind != RoomKind.DIRECT && Texts.showsNothing(name))
                || name.indexOf('\0') >= 0) {
            throw BAD_ROOM_NAME.because(kind.wire(), LONGEST_NAME);
        }
        if (kind == RoomKind.DIRECT && all.size() != 2) {
            throw DIRECT_NEEDS_TWO.because(all.size());
        }
        requireKnown(tx, caller.organisation(), all);
        Room room =
                new Room(
                        ids.next(),
                        caller.organisation(),
                        kind,
                        name,
                        HexFormat.of().toHexDigits(random.nextLong()),
                        0);
        return kind == RoomKind.DIRECT ? direct(tx, room, all) : opened(tx, room, all);
    }

    private static void checkCreator(Caller caller, RoomKind kind) {
        boolean admin = caller.may(Scope.CHAT_ADMIN);
        if (kind == RoomKind.CHANNEL && !admin) {
            throw CHANNEL_NEEDS_ADMIN.because();
        }
        if (caller.person().isEmpty() && !admin) {
            throw PERSON_NEEDED.because();
        }
    }

    private Room opened(Tx tx, Room room, Set<UUID> members) {
        store.insertRoom(tx, room, Optional.empty(), Optional.empty(), now());
        letIn(tx, room, members);
        return room;
    }

    /** The same two people always get the same room, also when both open it at once. */
    private Room direct(Tx tx, Room room, Set<UUID> two) {
        List<UUID> pair = two.stream().sorted().toList();
        UUID low = pair.getFirst();
        UUID high = pair.getLast();
        if (!store.insertRoom(tx, room, Optional.of(low), Optional.of(high), now())) {
            return store.direct(tx, room.organisation(), low, high);
        }
        letIn(tx, room, two);
        return room;
    }

    int add(Tx tx, Caller caller, UUID id, Set<UUID> members) {
        checkCount(members.size());
        Room room =
                store.lockRoom(tx, id)
                        .filter(found -> found.organisation().equals(caller.organisation()))
                        .orElseThrow(() -> ROOM_UNKNOWN.because(Room.ID.show(id)));
        if (!caller.may(Scope.CHAT_ADMIN)) {
            UUID person = caller.person().orElseThrow(PERSON_NEEDED::because);
            if (!store.members(tx, id, Set.of(person)).contains(person)) {
                throw NOT_A_MEMBER.because(Room.ID.show(id));
            }
        }
        if (room.kind() == RoomKind.DIRECT) {
            throw DIRECT_IS_FIXED.because();
        }
        requireKnown(tx, caller.organisation(), members);
        return letIn(tx, room, members);
    }

    private int letIn(Tx tx, Room room, Set<UUID> members) {
        Set<UUID> added = store.insertMembers(tx, room, members);
        if (added.isEmpty()) {
            return 0;
        }
        if (store.countMembers(tx, room.id(), added.size()) > config.maxMembers()) {
            throw ROOM_FULL.because(Room.ID.show(room.id()), config.maxMembers());
        }
        tx.afterCommit(() -> becameMembers.accept(room.id(), added));
        return added.size();
    }

    private void checkCount(int members) {
        if (members > config.maxMembersPerCall()) {
            throw TOO_MANY_MEMBERS_AT_ONCE.because(members, config.maxMembersPerCall());
        }
    }

    private void requireKnown(Tx tx, UUID organisation, Set<UUID> persons) {
        Set<UUID> known = people.known(tx, organisation, persons);
        persons.stream()
                .filter(person -> !known.contains(person))
                .findFirst()
                .ifPresent(stranger -> {
                    throw PERSON_UNKNOWN.because(IdKind.PERSON.show(stranger));
                });
    }

    private Instant now() {
        return time.instant().truncatedTo(ChronoUnit.MICROS);
    }
}
