package dev.quintet.analytics;

import dev.quintet.analytics.http.AnalyticsRoutes;
import dev.quintet.analytics.http.SegmentRoutes;
import dev.quintet.analytics.lake.RangeFiles;
import dev.quintet.platform.http.TestWeb;
import dev.quintet.platform.sql.Database;
import dev.quintet.platform.sql.DatabaseUrl;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.CountDownLatch;

/**
 * Analytics in a JVM of its own: loads what an earlier one has left, says at which port it serves,
 * and when a line comes in, drives its loader up to one border and goes on serving until it is
 * killed.
 */
final class DyingLoader {

    static final String SERVING = "serving at ";
    static final String AT_THE_BORDER = "at the border";

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

    private DyingLoader() {}

    public static void main(String[] arguments) throws IOException, InterruptedException {
        DatabaseUrl url = new DatabaseUrl(arguments[0], arguments[1], arguments[2]);
        Database db = Database.open(url, Database.Limits.DEFAULT, (tx, events) -> {});
        Rig rig = new Rig(Path.of(arguments[3]), db, url, InstantSource.system());
        Loader loader = rig.loader();
        while (loader.load(Duration.ZERO)) {
            // what the killed one before has left
        }
        TestWeb web = web(rig);
        System.out.println(SERVING + web.base());
        var commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        commands.readLine();
        driveUpTo(loader, Border.valueOf(arguments[4]));
        System.out.println(AT_THE_BORDER);
        new CountDownLatch(1).await();
    }

    static TestWeb web(Rig rig) {
        return TestWeb.of(
                new SegmentRoutes(rig.analytics).routes(),
                new AnalyticsRoutes(rig.analytics, rig.idempotency()).routes());
    }

    private static void driveUpTo(Loader loader, Border border) {
        Cut cut = loader.cut(Duration.ZERO).orElseThrow();
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
