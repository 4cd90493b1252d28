package dev.quintet.platform.http;

import dev.quintet.platform.Deadline;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/**
 * Whose slowness alone keeps a drain waiting: clients that move nothing for a while, and those
 * whose uploads would not end in time at the pace they come. They are cut early, since the end of
 * the drain would cut them too, and come back to the next start sooner. For the draining thread.
 */
final class Stragglers {

    /** An open request as seen from the draining thread. */
    interface Client {

        /** Whether the server waits for it right now. */
        boolean isAwaited();

        /** Bytes of the body that have come. */
        long received();

        /** Bytes of the whole body; -1 if nobody knows. */
        long announced();

        /** Some number that changes while the answer is taken. */
        long taken();

        /** Cuts it: its body is refused, its answer broken off. */
        void leave();
    }

    private final Duration patience;
    private final Deadline end;
    private final Map<Client, Pace> paces = new HashMap<>();

    /**
     * @param patience for how long every client is let be
     * @param end of the drain
     */
    Stragglers(Duration patience, Deadline end) {
        this.patience = patience;
        this.end = end;
    }

    /** To be called again and again; the first call begins to measure. */
    void look(Collection<? extends Client> open) {
        paces.keySet().retainAll(open);
        for (Client client : open) {
            Pace pace = paces.computeIfAbsent(client, Pace::new);
            if (pace.isOfStraggler()) {
                client.leave();
            }
        }
    }

    private final class Pace {

        private final Client client;
        private final long start = System.nanoTime();
        private final long receivedBefore;
        private long moved;
        private long movedAt = start;

        Pace(Client client) {
            this.client = client;
            this.receivedBefore = client.received();
            this.moved = receivedBefore + client.taken();
        }

        boolean isOfStraggler() {
            long now = System.nanoTime();
            long received = client.received();
            long movedNow = received + client.taken();
            if (movedNow != moved) {
                moved = movedNow;
                movedAt = now;
            }
            return client.isAwaited()
                    && now - start >= patience.toNanos()
                    && (now - movedAt >= patience.toNanos()
                            || isTooLate(received, Duration.ofNanos(now - start)));
        }

        private boolean isTooLate(long received, Duration spent) {
            double perNano = (double) (received - receivedBefore) / spent.toNanos();
            return client.announced() - received > perNano * end.left().toNanos();
        }
    }
}
