package dev.quintet.chat;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Who has a socket: here for certain, on other nodes as heard within 30 seconds. A lost hint makes
 * somebody offline sooner, never online for longer: in doubt, they are notified.
 */
final class Presence {

    /** How often a node says who is here: three times before it is forgotten. */
    static final Duration BEAT = Duration.ofSeconds(10);

    private static final Duration FORGET = Duration.ofSeconds(30);

    private final UUID node;
    private final Hints hints;
    private final InstantSource time;
    private final Map<UUID, Set<Subscriber>> here = new ConcurrentHashMap<>();
    private final Map<UUID, Map<UUID, Instant>> elsewhere = new ConcurrentHashMap<>();

    Presence(UUID node, Hints hints, InstantSource time) {
        this.node = node;
        this.hints = hints;
        this.time = time;
    }

    void enter(Subscriber subscriber) {
        UUID person = subscriber.person();
        Set<Subscriber> sockets =
                here.compute(
                        person,
                        (id, some) -> {
                            Set<Subscriber> all =
                                    some == null ? ConcurrentHashMap.newKeySet() : some;
                            all.add(subscriber);
                            return all;
                        });
        if (sockets.size() == 1) {
            hints.online(node, List.of(person));
        }
    }

    void leave(Subscriber subscriber) {
        UUID person = subscriber.person();
        Set<Subscriber> left =
                here.computeIfPresent(
                        person,
                        (id, some) -> {
                            some.remove(subscriber);
                            return some.isEmpty() ? null : some;
                        });
        if (left == null) {
            hints.offline(node, List.of(person));
        }
    }

    /** The sockets that a person has on this node. */
    List<Subscriber> sockets(UUID person) {
        return List.copyOf(here.getOrDefault(person, Set.of()));
    }

    /** An organisation's sockets on this node. */
    long count(UUID organisation) {
        return here.values().stream()
                .flatMap(Set::stream)
                .filter(socket -> socket.organisation().equals(organisation))
                .count();
    }

    boolean online(UUID person) {
        if (here.containsKey(person)) {
            return true;
        }
        Instant oldest = time.instant().minus(FORGET);
        return elsewhere.getOrDefault(person, Map.of()).values().stream()
                .anyMatch(seen -> seen.isAfter(oldest));
    }

    void heardOnline(UUID from, Set<UUID> persons) {
        if (!from.equals(node)) {
            Instant now = time.instant();
            persons.forEach(person ->
                    elsewhere
                            .computeIfAbsent(person, id -> new ConcurrentHashMap<>())
                            .put(from, now));
        }
    }

    void heardOffline(UUID from, Set<UUID> persons) {
        persons.forEach(person ->
                elsewhere.computeIfPresent(
                        person,
                        (id, nodes) -> {
                            nodes.remove(from);
                            return nodes.isEmpty() ? null : nodes;
                        }));
    }

    /** Says who is here, and forgets nodes that have said nothing for long. */
    void beat() {
        hints.online(node, here.keySet());
        Instant oldest = time.instant().minus(FORGET);
        elsewhere.values().forEach(nodes -> nodes.values().removeIf(oldest::isAfter));
        elsewhere.values().removeIf(Map::isEmpty);
    }
}
