package dev.quintet.chat;

import java.util.Set;
import java.util.UUID;

/** What this node does about a hint. */
record Heard(LiveRooms live, Presence presence) implements Hints.Ears {

    @Override
    public void messages(UUID room, long lastSeq) {
        live.heard(room, lastSeq);
    }

    @Override
    public void added(UUID room, Set<UUID> persons) {
        persons.forEach(person -> presence.sockets(person).forEach(one -> one.added(room)));
    }

    @Override
    public void removed(UUID room, Set<UUID> persons) {
        persons.forEach(person -> live.remove(room, presence.sockets(person)));
    }

    @Override
    public void online(UUID node, Set<UUID> persons) {
        presence.heardOnline(node, persons);
    }

    @Override
    public void offline(UUID node, Set<UUID> persons) {
        presence.heardOffline(node, persons);
    }

    @Override
    public void expelled(Set<UUID> persons) {
        persons.forEach(person -> presence.sockets(person).forEach(Subscriber::expelled));
    }
}
