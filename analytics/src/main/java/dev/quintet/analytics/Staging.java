package dev.quintet.analytics;

import dev.quintet.analytics.lake.LoaderFenced;
import dev.quintet.analytics.lake.RangeFiles;
import dev.quintet.platform.disk.DiskFailed;
import dev.quintet.platform.log.LogSlice;
import java.util.BitSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stages a range, or what can be of it: one that the engine does not take is halved, down to the
 * request and in it to the items that fail, which are rejected. Only what fails beside an engine
 * that works is blamed on the range; a disk or an engine in trouble fails the attempt as a whole.
 */
final class Staging {

    private static final Logger LOG = LoggerFactory.getLogger(Staging.class);

    // Each is found by a dozen statements that fail.
    private static final int MOST_FAILING = 50;

    private final Engine engine;
    private final Runnable requireEngine;
    private final Judge judge;

    /** Writes the rows of a range, or fails. */
    interface Engine {
        RangeFiles stage(Cut cut);
    }

    /**
     * @param requireEngine fails when the engine does not work at all
     */
    Staging(Engine engine, Runnable requireEngine, Judge judge) {
        this.engine = engine;
        this.requireEngine = requireEngine;
        this.judge = judge;
    }

    /**
     * @param whole whether it is all of the range that was asked for
     */
    record Staged(Cut cut, RangeFiles files, boolean whole) {}

    Staged stage(Cut range) {
        Cut cut = range;
        while (true) {
            try {
                return new Staged(cut, engine.stage(cut), cut == range);
            } catch (DiskFailed | LoaderFenced notTheRange) {
                throw notTheRange;
            } catch (RuntimeException failed) {
                requireEngine.run();
                LOG.warn(
                        "{} requests from {} on could not be staged: {}",
                        cut.requests.size(),
                        cut.range().start(),
                        failed.getMessage());
                if (cut.requests.size() == 1) {
                    return alone(cut);
                }
                cut = half(cut);
            }
        }
    }

    private Cut half(Cut of) {
        Cut half = of.again();
        judge.judge(half, of.requests, of.range().end(), of.requests.size() / 2);
        return half;
    }

    /** A request of which some items fail. */
    private Staged alone(Cut cut) {
        LogSlice.Entry request = cut.requests.getFirst();
        int items = Submission.Header.of(request).items();
        BitSet failing = new BitSet(items);
        search(cut, 0, items, failing);
        LOG.error(
                "{} items of the request at {} of the log fail and are rejected",
                failing.cardinality(),
                request.position());
        Cut rest = judged(cut, new Judge.Items(item -> true, failing::get, true));
        try {
            return new Staged(rest, engine.stage(rest), false);
        } catch (DiskFailed | LoaderFenced notTheRange) {
            throw notTheRange;
        } catch (RuntimeException notEvenRejected) {
            requireEngine.run();
            LOG.warn("nor can their text be kept: {}", notEvenRejected.getMessage());
            Cut bare = judged(cut, new Judge.Items(item -> true, failing::get, false));
            return new Staged(bare, engine.stage(bare), false);
        }
    }

    private void search(Cut alone, int from, int to, BitSet failing) {
        if (canBeStaged(alone, from, to)) {
            return;
        }
        if (to - from == 1 || failing.cardinality() >= MOST_FAILING) {
            failing.set(from, to);
            return;
        }
        int half = (from + to) >>> 1;
        search(alone, from, half, failing);
        search(alone, half, to, failing);
    }

    private boolean canBeStaged(Cut alone, int from, int to) {
        Cut probe =
                judged(
                        alone,
                        new Judge.Items(item -> item >= from && item < to, item -> false, true));
        try {
            engine.stage(probe);
            return true;
        } catch (DiskFailed | LoaderFenced notTheRange) {
            throw notTheRange;
        } catch (RuntimeException failed) {
            requireEngine.run();
            return false;
        }
    }

    /** The one request of a range, judged anew. */
    private Cut judged(Cut alone, Judge.Items which) {
        Cut cut = alone.again();
        judge.judge(cut, alone.requests.getFirst(), which);
        cut.requests.add(alone.requests.getFirst());
        cut.endAt(alone.range().end());
        return cut;
    }
}
