package dev.quintet.auth;

import dev.quintet.platform.sql.Database;
import dev.quintet.platform.sql.Tx;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What was revoked before its time and would still pass as live: kept in memory on every node, fed
 * by a poll of the table, and forgotten when the last token that it concerns has expired. Any
 * thread asks; the poll thread and the revoking request's thread write.
 */
final class Revocations {

    /** What a revocation hits. */
    enum Kind {
        TOKEN,
        FAMILY,
        PERSON
    }

    /**
     * @param position counts up without gaps in the order of commits
     * @param until when the last token concerned has expired
     */
    record Revocation(long position, Subject subject, Instant until) {}

    record Subject(Kind kind, String id) {

        static Subject token(String id) {
            return new Subject(Kind.TOKEN, id);
        }

        static Subject family(UUID id) {
            return new Subject(Kind.FAMILY, id.toString());
        }

        static Subject person(UUID id) {
            return new Subject(Kind.PERSON, id.toString());
        }
    }

    private final Database db;
    private final GrantStore store;
    private final InstantSource time;
    private final Map<Subject, Instant> known = new ConcurrentHashMap<>();

    // Written by the poll alone: a revocation of this node's own is read once more, which changes
    // nothing.
    private volatile long position;

    Revocations(Database db, GrantStore store, InstantSource time) {
        this.db = db;
        this.store = store;
        this.time = time;
        poll();
    }

    /**
     * Revokes within the transaction; it should be the last that the transaction locks, because all
     * revocations queue up behind it.
     *
     * @param life how long the longest-lived token concerned may live from now on
     */
    void revoke(Tx tx, List<Subject> subjects, Duration life) {
        Instant until = time.instant().plus(life);
        if (!subjects.isEmpty()) {
            store.insertRevocations(tx, subjects, until);
        }
        // This node knows at once; the others see it at their next poll.
        tx.afterCommit(() -> subjects.forEach(subject -> known.put(subject, until)));
    }

    boolean includes(AccessToken token) {
        return !known.isEmpty()
                && (known.containsKey(Subject.token(token.id()))
                        || token.family().filter(this::includesFamily).isPresent()
                        || token.person()
                                .filter(person -> known.containsKey(Subject.person(person)))
                                .isPresent());
    }

    /** Whether a caller's credential (see {@link Tokens}) was revoked; what is not ours was not. */
    boolean includes(String credential) {
        int border = credential.indexOf(':');
        String id = credential.substring(border + 1);
        return switch (credential.substring(0, Math.max(0, border))) {
            case "session" -> known.containsKey(new Subject(Kind.FAMILY, id));
            case "token" -> known.containsKey(new Subject(Kind.TOKEN, id));
            default -> false;
        };
    }

    private boolean includesFamily(UUID family) {
        return known.containsKey(Subject.family(family));
    }

    /** Reads what was revoked on any node since the last time. */
    void poll() {
        List<Revocation> news = db.read(tx -> store.revocationsAfter(tx, position));
        for (Revocation revocation : news) {
            known.put(revocation.subject(), revocation.until());
            position = revocation.position();
        }
    }

    /** Drops what no live token can be hit by any more. */
    void forget() {
        Instant now = time.instant();
        known.values().removeIf(until -> until.isBefore(now));
    }
}
