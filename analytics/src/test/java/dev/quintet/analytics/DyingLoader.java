package dev.quintet.analytics;

import dev.quintet.analytics.lake.RangeFiles;
import dev.quintet.platform.sql.Database;
import dev.quintet.platform.sql.DatabaseUrl;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;

/**
 * Takes batches and loads them in a JVM of its own, up to one of the loader's borders, where it
 * waits to be killed; the next one takes over from it. Prints each batch when it is acknowledged.
 */
final class DyingLoader {

    static final String AT_THE_BORDER = "at the border";
    static final String TOOK = "took";

    /** The step behind which the loader stands. */
    enum Border {
        CUT,
        STAGE,
        PUBLISH,
        COMMIT_REJECTED,
        COMMIT_EVENTS,
        SETTLE,
        RELEASE
    }

    private final Rig rig;
    private final String writeKey;

    private DyingLoader(Rig rig, String writeKey) {
        this.rig = rig;
        this.writeKey = writeKey;
    }

    public static void main(String[] arguments) throws InterruptedException {
        DatabaseUrl url = new DatabaseUrl(arguments[0], arguments[1], arguments[2]);
        Database db = Database.open(url, Database.Limits.DEFAULT, (tx, events) -> {});
        Rig rig = new Rig(Path.of(arguments[3]), db, url, InstantSource.system());
        new DyingLoader(rig, arguments[4])
                .run(Border.valueOf(arguments[5]), Integer.parseInt(arguments[6]));
        new CountDownLatch(1).await();
    }

    private void run(Border border, int from) {
        Loader loader = rig.loader();
        while (loader.load(Duration.ZERO)) {
            // what the killed one before has left
        }
        // Half of them came before the last kill.
        take(Math.max(0, from - 20), from + 20);
        driveUpTo(loader, border);
        // Sent again while a commit may be in flight, so that the next range is another one.
        take(from + 10, from + 40);
        System.out.println(AT_THE_BORDER);
    }

    private void take(int from, int to) {
        rig.analytics.take(
                Call.BATCH, Optional.of(writeKey), ClientList.batch(from, to), anybody -> {});
        System.out.println(TOOK + ' ' + from + ' ' + to);
    }

    private static void driveUpTo(Loader loader, Border border) {
        Loader.Cut cut = loader.cut(Duration.ZERO).orElseThrow();
        if (border == Border.CUT) {
            return;
        }
        RangeFiles staged = loader.stage(cut);
        if (border == Border.STAGE) {
            return;
        }
        RangeFiles published = loader.publish(staged);
        if (border == Border.PUBLISH) {
            return;
        }
        loader.commitRejected(published);
        if (border == Border.COMMIT_REJECTED) {
            return;
        }
        Tally tally = loader.commitEvents(cut, published);
        if (border == Border.COMMIT_EVENTS) {
            return;
        }
        loader.settle(cut, tally);
        if (border == Border.RELEASE) {
            loader.release();
        }
    }
}
