package dev.quintet.analytics;

import dev.quintet.analytics.lake.LoaderFenced;
import dev.quintet.analytics.lake.RangeFiles;
import dev.quintet.platform.disk.DiskFailed;
import dev.quintet.platform.log.LogSlice;
import dev.quintet.platform.log.Position;
import java.util.BitSet;
import java.util.List;
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
    private final Cutter cutter;
    private final Judge judge;

    /** Writes the rows of a range, or fails. */
    interface Engine {
        RangeFiles stage(Cut cut);
    }

    /** Cuts a range of its first requests. */
    interface Cutter {
        Cut cut(List<LogSlice.Entry> requests, Position behind, int most);
    }

    /**
     * @param requireEngine fails when the engine does not work at all
     */
    Staging(Engine engine, Runnable requireEngine, Cutter cutter, Judge judge) {
        this.engine = engine;
        this.requireEngine = requireEngine;
        this.cutter = cutter;
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
                cut = cutter.cut(cut.requests, cut.range().end(), cut.requests.size() / 2);
            }
        }
    }

    /** A request of which some items fail. */
    private Staged alone(Cut cut) {
        LogSlice.Entry request = cut.requests.getFirst();
        int items = Submission.Header.of(request).items();
        BitSet failing = new BitSet(items);
        search(request, 0, items, failing);
        LOG.error(
                "{} items of the request at {} of the log fail and are rejected",
                failing.cardinality(),
                request.position());
        Cut rest = judged(cut, request, new Judge.Items(item -> true, failing::get, true));
        try {
            return new Staged(rest, engine.stage(rest), false);
        } catch (DiskFailed | LoaderFenced notTheRange) {
            throw notTheRange;
        } catch (RuntimeException notEvenRejected) {
            requireEngine.run();
            LOG.warn("nor can their text be kept: {}", notEvenRejected.getMessage());
            Cut bare = judged(cut, request, new Judge.Items(item -> true, failing::get, false));
            return new Staged(bare, engine.stage(bare), false);
        }
    }

    private void search(LogSlice.Entry request, int from, int to, BitSet failing) {
        if (canBeStaged(request, from, to)) {
            return;
        }
        if (to - from == 1 || failing.cardinality() >= MOST_FAILING) {
            failing.set(from, to);
            return;
        }
        int half = (from + to) >>> 1;
        search(request, from, half, failing);
        search(request, half, to, failing);
    }

    private boolean canBeStaged(LogSlice.Entry request, int from, int to) {
        Cut probe = new Cut(request.position());
        judge.judge(
                probe,
                request,
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

    private Cut judged(Cut of, LogSlice.Entry request, Judge.Items which) {
        Cut cut = new Cut(of.range().start());
        judge.judge(cut, request, which);
        cut.requests.add(request);
        cut.endAt(of.range().end());
        return cut;
    }
}
