package dev.quintet.analytics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quintet.analytics.DyingLoader.Border;
import dev.quintet.platform.Await;
import dev.quintet.platform.ChildJvm;
import dev.quintet.platform.http.TestWeb;
import dev.quintet.platform.sql.DatabaseUrl;
import dev.quintet.platform.sql.TestDatabase;
import java.io.Writer;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Ten thousand events of the stock Segment client, sent again at once, after a restart and while a
 * commit is in flight, to processes that are killed with kill -9 at each border between the
 * loader's steps.
 */
final class KilledLoaderTest {

    private static final int EVENTS = 10_000;
    private static final int EACH = EVENTS / (Border.values().length + 1);
    // Two seconds are promised.
    private static final Duration FRESH = Duration.ofSeconds(20);

    @TempDir Path folder;

    private final ClientList list = new ClientList();

    @Test
    void ten_thousand_events_and_their_repeats_are_there_once_whatever_was_killed()
            throws Exception {
        try (TestDatabase database = TestDatabase.create("analytics")) {
            String writeKey;
            try (Rig rig = rig(database)) {
                writeKey = rig.source("test");
            }
            for (Border border : Border.values()) {
                killAt(border, database.url(), writeKey);
            }
            try (Rig rig = rig(database)) {
                rig.analytics.start();
                liveOn(rig, writeKey);
            }
        }
    }

    private Rig rig(TestDatabase database) {
        return new Rig(folder, database.database(), database.url(), InstantSource.system());
    }

    private void killAt(Border border, DatabaseUrl url, String writeKey) throws Exception {
        Process server =
                ChildJvm.start(
                        DyingLoader.class,
                        url.jdbc(),
                        url.user(),
                        url.password(),
                        folder.toString(),
                        border.name());
        URI base = URI.create(ChildJvm.next(server, DyingLoader.SERVING));
        try (Shop shop = new Shop(base, writeKey, list);
                Writer command = server.outputWriter()) {
            list.assertExactlyOnce(url, shop);
            int from = list.size();
            int middle = from + EACH / 2;
            // Those in front came before the last kill; the others come twice at once.
            shop.tracks(Math.max(0, from - EACH / 2), middle);
            shop.tracks(from, middle);
            shop.sendsWithOneBad(from, from + 20);
            command.write("go on\n");
            command.flush();
            ChildJvm.next(server, DyingLoader.AT_THE_BORDER);
            // While a commit may be in flight, so that the next range is another one.
            shop.tracks(middle - 100, from + EACH);
            ChildJvm.kill(server);
        } finally {
            ChildJvm.kill(server);
        }
    }

    /** With the loader at its own pace, and everything once more. */
    private void liveOn(Rig rig, String writeKey) {
        try (TestWeb web = DyingLoader.web(rig);
                Shop shop = new Shop(web.base(), writeKey, list)) {
            shop.tracks(0, list.size());
            shop.tracks(list.size(), EVENTS);
            long acknowledged = System.nanoTime();
            Await.until(
                    "all are visible", () -> shop.number("select count(*) from events") == EVENTS);
            Duration took = Duration.ofNanos(System.nanoTime() - acknowledged);
            System.out.println("visible " + took.toMillis() + " ms after the last 2xx");
            assertThat(took).isLessThan(FRESH);
            Await.until("nothing is pending", () -> shop.ledger().pending() == 0);
            list.assertExactlyOnce(rig.url, shop);
        }
    }
}
