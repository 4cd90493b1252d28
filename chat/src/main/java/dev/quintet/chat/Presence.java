package dev.quintet.chat;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Who has a socket: here for certain, on other nodes as they said. A node says who came and who
 * left, gathered over a second, and every ten seconds how many it has and a digest of them; who
 * finds that its own picture differs asks for all of it. A node that is silent for half a minute
 * has nobody: in doubt, people are notified.
 */
final class Presence {

    /** How often a node says what came about. */
    static final Duration CHANGES = Duration.ofSeconds(1);

    /** How often it gives its digest: three times before it is forgotten. */
    static final Duration BEAT = Duration.ofSeconds(10);

    private static final Duration FORGET = Duration.ofSeconds(30);

    // Everybody is told at most so often, whoever asks.
    private static final Duration TELLINGS_APART = Duration.ofSeconds(20);

    // Longer than a mention waits for its decision.
    private static final Duration REMEMBER = Duration.ofMinutes(25);
    private static final int REMEMBERED = 200_000;

    private final UUID node;
    private final Hints hints;
    private final InstantSource time;
    private final Map<UUID, Set<Subscriber>> here = new ConcurrentHashMap<>();

    // The last sign of life of people who left, on whatever node.
    private final Cache<UUID, Instant> left =
            Caffeine.newBuilder().maximumSize(REMEMBERED).expireAfterWrite(REMEMBER).build();

    // Guarded by this: who came and left since it was said, and what other nodes said.
    private final Set<UUID> came = new HashSet<>();
    private final Map<UUID, Instant> went = new HashMap<>();
    private final Map<UUID, Elsewhere> elsewhere = new HashMap<>();
    private long telling;
    private Instant told = Instant.EPOCH;

    /** Another node as far as it said. */
    private static final class Elsewhere {

        private Set<UUID> persons = new HashSet<>();
        private Instant heard;
        private long telling = -1;
        private boolean differs;

        Elsewhere(Instant heard) {
            this.heard = heard;
        }
    }

    Presence(UUID node, Hints hints, InstantSource time) {
        this.node = node;
        this.hints = hints;
        this.time = time;
    }

    /** False, and not taken in, when the person has as many sockets here as one may have. */
    boolean enter(Subscriber subscriber, int most) {
        UUID person = subscriber.person();
        Set<Subscriber> sockets =
                here.compute(
                        person,
                        (id, some) -> {
                            Set<Subscriber> all =
                                    some == null ? ConcurrentHashMap.newKeySet() : some;
                            if (all.size() < most) {
                                all.add(subscriber);
                            }
                            return all;
                        });
        if (!sockets.contains(subscriber)) {
            return false;
        }
        // Not the first one alone: of two that come at once each may see the other.
        synchronized (this) {
            went.remove(person);
            came.add(person);
        }
        return true;
    }

    void leave(Subscriber subscriber) {
        UUID person = subscriber.person();
        Set<Subscriber> some = here.get(person);
        if (some == null || !some.contains(subscriber)) {
            return;
        }
        noteLife(person, subscriber.lastHeard());
        Set<Subscriber> rest =
                here.computeIfPresent(
                        person,
                        (id, all) -> {
                            all.remove(subscriber);
                            return all.isEmpty() ? null : all;
                        });
        if (rest == null) {
            synchronized (this) {
                if (!here.containsKey(person)) {
                    came.remove(person);
                    went.put(person, left.asMap().getOrDefault(person, Instant.EPOCH));
                }
            }
        }
    }

    private void noteLife(UUID person, Instant sign) {
        left.asMap().merge(person, sign, (one, other) -> one.isAfter(other) ? one : other);
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
        synchronized (this) {
            return elsewhere.values().stream()
                    .anyMatch(
                            other -> other.heard.isAfter(oldest) && other.persons.contains(person));
        }
    }

    /** Whether a socket of the person, open or closed since, gave a sign of life after a moment. */
    boolean aliveSince(UUID person, Instant moment) {
        Instant last = left.getIfPresent(person);
        return (last != null && last.isAfter(moment))
                || sockets(person).stream().anyMatch(one -> one.lastHeard().isAfter(moment));
    }

    // What this node says.

    /** Says who came and who left. */
    void sayChanges() {
        Set<UUID> in;
        Map<UUID, Instant> out;
        synchronized (this) {
            in = Set.copyOf(came);
            out = Map.copyOf(went);
            came.clear();
            went.clear();
        }
        hints.online(node, in);
        hints.offline(node, out);
    }

    /** Gives the digest, and forgets nodes that have said nothing for long. */
    void beat() {
        sayChanges();
        Set<UUID> all = here.keySet();
        hints.beat(node, all.size(), digest(all));
        Instant oldest = time.instant().minus(FORGET);
        synchronized (this) {
            elsewhere.values().removeIf(other -> !other.heard.isAfter(oldest));
        }
    }

    /** Somebody's picture of this node differs from it. */
    void heardTell(UUID asked) {
        if (!asked.equals(node)) {
            return;
        }
        long number;
        synchronized (this) {
            Instant now = time.instant();
            if (now.isBefore(told.plus(TELLINGS_APART))) {
                return;
            }
            told = now;
            number = ++telling;
        }
        hints.all(node, number, here.keySet());
    }

    // What others say.

    void heardOnline(UUID from, Set<UUID> persons) {
        if (!from.equals(node)) {
            synchronized (this) {
                heard(from).persons.addAll(persons);
            }
        }
    }

    void heardOffline(UUID from, Map<UUID, Instant> persons) {
        if (!from.equals(node)) {
            synchronized (this) {
                heard(from).persons.removeAll(persons.keySet());
            }
            persons.forEach(this::noteLife);
        }
    }

    void heardBeat(UUID from, int count, long digest) {
        if (from.equals(node)) {
            return;
        }
        boolean ask;
        synchronized (this) {
            Elsewhere other = heard(from);
            boolean equal = other.persons.size() == count && digest(other.persons) == digest;
            // Once may be a change that is still on its way.
            ask = !equal && other.differs;
            other.differs = !equal;
        }
        if (ask) {
            hints.tell(from);
        }
    }

    void heardAll(UUID from, long number, Set<UUID> persons) {
        if (!from.equals(node)) {
            synchronized (this) {
                Elsewhere other = heard(from);
                if (other.telling != number) {
                    other.telling = number;
                    other.persons = new HashSet<>();
                }
                other.persons.addAll(persons);
            }
        }
    }

    private Elsewhere heard(UUID from) {
        Instant now = time.instant();
        Elsewhere other = elsewhere.computeIfAbsent(from, id -> new Elsewhere(now));
        other.heard = now;
        return other;
    }

    /** The same for the same people in whatever order. */
    private static long digest(Set<UUID> persons) {
        long digest = 0;
        for (UUID person : persons) {
            long mixed = person.getMostSignificantBits() ^ person.getLeastSignificantBits();
            mixed = (mixed ^ (mixed >>> 31)) * 0x9e3779b97f4a7c15L;
            digest += mixed ^ (mixed >>> 29);
        }
        return digest;
    }
}
