package dev.quintet.chat;

import dev.quintet.platform.PlatformRefusal;
import dev.quintet.platform.sql.Database;
import java.time.Duration;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * What a node looks after again and again: positions and members of its rooms, and its presence.
 */
final class Rounds implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Rounds.class);

    private final ScheduledThreadPoolExecutor clock =
            new ScheduledThreadPoolExecutor(1, Thread.ofVirtual().name("chat-rounds").factory());

    private final Database db;
    private final ChatStore store;
    private final LiveRooms live;
    private final Presence presence;
    private final Duration check;
    private final RandomGenerator random;

    Rounds(
            Database db,
            ChatStore store,
            LiveRooms live,
            Presence presence,
            ChatConfig config,
            RandomGenerator random) {
        this.db = db.background();
        this.store = store;
        this.live = live;
        this.presence = presence;
        this.check = config.positionCheck();
        this.random = random;
    }

    void start() {
        clock.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        again(check, this::check);
        again(Presence.CHANGES, presence::sayChanges);
        again(Presence.BEAT, presence::beat);
    }

    /** A quarter early or late, so that nodes do not ask in step. */
    private void again(Duration pause, Runnable round) {
        if (clock.isShutdown()) {
            return;
        }
        long millis = pause.toMillis();
        var _ =
                clock.schedule(
                        () -> {
                            try {
                                round.run();
                            } catch (RuntimeException failure) {
                                LOG.atLevel(
                                                PlatformRefusal.isDatabaseGone(failure)
                                                        ? Level.DEBUG
                                                        : Level.WARN)
                                        .setCause(failure)
                                        .log("a round of chat failed; the next one tries again");
                            }
                            again(pause, round);
                        },
                        millis * 3 / 4 + random.nextLong(Math.max(1, millis / 2)),
                        TimeUnit.MILLISECONDS);
    }

    private void check() {
        live.checkPositions();
        // Twice the pause, and what a slow commit may take.
        double seconds = check.toMillis() / 500.0 + 5;
        db.read(tx -> store.joinedWithin(tx, seconds))
                .forEach(one ->
                        presence.sockets(one.person()).forEach(socket -> socket.added(one.room())));
    }

    /** Nobody interrupts: a round under way is waited for. */
    @Override
    public void close() {
        clock.shutdown();
        try {
            if (!clock.awaitTermination(10, TimeUnit.SECONDS)) {
                LOG.warn("a round of chat does not end");
            }
        } catch (InterruptedException nobodyInterrupts) {
            throw new IllegalStateException("interrupted while closing", nobodyInterrupts);
        }
    }
}
