package dev.quintet.chat;

import dev.quintet.platform.PlatformRefusal;
import dev.quintet.platform.Signal;
import dev.quintet.platform.sql.Database;
import dev.quintet.platform.sql.Tx;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Decides who missed a mention. A socket that is open when a message is written proves nothing: a
 * phone in a tunnel keeps one for most of a minute. So a mention of somebody who seems online waits
 * until a socket of theirs gives a sign of life after the message, or all of them are gone. Waiting
 * mentions are rows, written with the message; any node may decide them. One virtual thread a node.
 */
final class Mentions implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Mentions.class);

    private static final int AT_ONCE = 200;
    private static final Duration POLL = Duration.ofSeconds(5);
    private static final Duration CLOSING = Duration.ofSeconds(5);

    // A sign of life must follow the message's push, not only its number.
    private static final Duration PUSHED = Duration.ofSeconds(2);

    // Pings and pongs of a loaded server come late.
    private static final Duration LATE = Duration.ofSeconds(10);

    private final Database db;
    private final Presence presence;
    private final InstantSource time;
    private final Duration ping;
    private final Instant started;
    private final MentionStore store = new MentionStore();
    private final Signal signal = new Signal();
    private final Thread thread = Thread.ofVirtual().name("chat-mentions").unstarted(this::run);
    private volatile boolean stopping;

    Mentions(Database db, Presence presence, InstantSource time, ChatConfig config) {
        this.db = db.background();
        this.presence = presence;
        this.time = time;
        this.ping = config.ping();
        this.started = time.instant();
    }

    void start() {
        thread.start();
    }

    /** In the transaction that stores the messages; decides nothing yet. */
    void keep(Tx tx, List<SendingStore.Numbered> stored) {
        List<MentionStore.Waiting> waiting = new ArrayList<>();
        for (SendingStore.Numbered one : stored) {
            UUID sender = one.message().sender().orElseThrow();
            for (UUID person : one.message().mentions()) {
                if (!person.equals(sender)) {
                    waiting.add(waiting(one, sender, person));
                }
            }
        }
        if (!waiting.isEmpty()) {
            store.insert(tx, waiting);
            tx.afterCommit(signal::raise);
        }
    }

    private MentionStore.Waiting waiting(SendingStore.Numbered one, UUID sender, UUID person) {
        Instant at = one.message().at();
        return new MentionStore.Waiting(
                one.organisation(),
                one.message().room(),
                one.message().seq(),
                sender,
                person,
                at,
                presence.online(person) ? at.plus(ping).plus(LATE) : at);
    }

    private void run() {
        while (!stopping) {
            boolean more = false;
            try {
                more = decideDue();
            } catch (RuntimeException | OutOfMemoryError failure) {
                LOG.atLevel(PlatformRefusal.isDatabaseGone(failure) ? Level.DEBUG : Level.WARN)
                        .setCause(failure)
                        .log("mentions wait for the next look");
            }
            if (!more) {
                signal.await(POLL);
            }
        }
    }

    /** Decides what is due; true when more may be. */
    boolean decideDue() {
        return db.tx(tx -> {
            Instant now = time.instant();
            List<MentionStore.Waiting> due = store.takeDue(tx, now, AT_ONCE);
            List<MentionMissed> missed = new ArrayList<>();
            List<MentionStore.Waiting> later = new ArrayList<>();
            for (MentionStore.Waiting one : due) {
                if (presence.aliveSince(one.person(), one.at().plus(PUSHED))) {
                    continue;
                }
                // Two pings without an answer end a socket: who still seems online then is
                // elsewhere. Whoever was cut off by a restart has as long to come back.
                Instant since = one.at().isAfter(started) ? one.at() : started;
                boolean undecided =
                        one.dueAt().isAfter(one.at())
                                && now.isBefore(since.plus(ping.multipliedBy(2)).plus(LATE));
                if (undecided) {
                    later.add(one.dueAt(now.plus(LATE)));
                } else if (!presence.online(one.person())) {
                    missed.add(
                            new MentionMissed(
                                    one.organisation(),
                                    one.room(),
                                    one.seq(),
                                    one.sender(),
                                    one.person()));
                }
            }
            if (!later.isEmpty()) {
                store.insert(tx, later);
            }
            if (!missed.isEmpty()) {
                tx.announce(missed);
            }
            return due.size() == AT_ONCE;
        });
    }

    void forget(UUID person) {
        db.run(tx -> store.forget(tx, person));
    }

    @Override
    public void close() {
        stopping = true;
        signal.raise();
        try {
            if (thread.isAlive() && !thread.join(CLOSING)) {
                LOG.warn("a decision about mentions does not end");
            }
        } catch (InterruptedException nobodyInterrupts) {
            throw new IllegalStateException("interrupted while closing", nobodyInterrupts);
        }
    }
}
