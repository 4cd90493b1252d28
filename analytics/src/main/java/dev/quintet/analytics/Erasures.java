package dev.quintet.analytics;

import static dev.quintet.analytics.AnalyticsRefusal.ERASURES_FULL;
import static dev.quintet.analytics.AnalyticsRefusal.ERASURE_UNKNOWN;

import dev.quintet.analytics.lake.Subject;
import dev.quintet.platform.Ids;
import dev.quintet.platform.audit.Act;
import dev.quintet.platform.audit.Audit;
import dev.quintet.platform.caller.Caller;
import dev.quintet.platform.log.EventLog;
import dev.quintet.platform.log.Position;
import dev.quintet.platform.sql.Database;
import dev.quintet.platform.sql.Tx;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;

/**
 * Who is to be erased: kept from the request until the loader has done it, and that it was done for
 * a year more. Safe for any number of threads.
 */
public final class Erasures {

    /** Together they cost one look at the organisation's files. */
    static final int AT_ONCE = 100;

    /** Of one organisation. */
    static final int MOST_WAITING = 100_000;

    private static final Duration KEPT = Duration.ofDays(366);

    private final Database db;
    private final EventLog log;
    private final InstantSource time;
    private final Ids ids;
    private final ErasureStore store = new ErasureStore();
    private final Audit audit = new Audit();

    Erasures(Database db, EventLog log, SecureRandom random, InstantSource time) {
        this.db = db;
        this.log = log;
        this.time = time;
        this.ids = new Ids(time, random);
    }

    /** As somebody asked for; the audit trail does not tell who is to be forgotten. */
    public Erasure request(Tx tx, Caller by, String address, Subject subject) {
        Erasure erasure = request(tx, by.organisation(), subject);
        audit.record(tx, Act.done(by, address, "erasure.request", Erasure.KIND.show(erasure.id())));
        return erasure;
    }

    /** Once the transaction commits, the subject will be erased from all that was taken before. */
    Erasure request(Tx tx, UUID organisation, Subject subject) {
        if (store.countWaiting(tx, organisation, MOST_WAITING) == MOST_WAITING) {
            throw ERASURES_FULL.because(MOST_WAITING).retryAfter(Duration.ofMinutes(10));
        }
        Instant now = time.instant();
        UUID id = ids.next();
        store.insert(tx, new ErasureStore.Waiting(id, organisation, subject, log.end()), now);
        return new Erasure(id, now, Optional.empty());
    }

    public Erasure read(UUID organisation, UUID id) {
        return db.read(tx -> store.find(tx, organisation, id))
                .orElseThrow(() -> ERASURE_UNKNOWN.because(Erasure.KIND.show(id)));
    }

    /**
     * What is erased in one go, of one organisation.
     *
     * @param upTo what the log holds until there is loaded first
     */
    record Batch(UUID organisation, List<UUID> ids, Set<Subject> subjects, Position upTo) {

        private static Batch of(List<ErasureStore.Waiting> waiting) {
            return new Batch(
                    waiting.getFirst().organisation(),
                    waiting.stream().map(ErasureStore.Waiting::id).toList(),
                    waiting.stream()
                            .map(ErasureStore.Waiting::subject)
                            .collect(Collectors.toUnmodifiableSet()),
                    waiting.stream()
                            .map(ErasureStore.Waiting::upTo)
                            .max(Position::compareTo)
                            .orElseThrow());
        }
    }

    /**
     * What is due of the organisation behind another.
     *
     * @param most at once
     */
    Optional<Batch> next(UUID after, int most) {
        Instant now = time.instant();
        List<ErasureStore.Waiting> waiting =
                db.background()
                        .read(tx ->
                                store.nextOrganisation(tx, after, now)
                                        .map(next -> store.waiting(tx, next, now, most))
                                        .orElse(List.of()));
        return waiting.isEmpty() ? Optional.empty() : Optional.of(Batch.of(waiting));
    }

    /** Lets others go before it. */
    void postpone(Batch batch) {
        Instant now = time.instant();
        db.background().run(tx -> store.postpone(tx, batch.ids(), now));
    }

    void done(Batch batch) {
        Instant now = time.instant();
        db.background()
                .run(tx -> {
                    store.done(tx, batch.ids(), now);
                    store.forget(tx, now.minus(KEPT));
                });
    }
}
