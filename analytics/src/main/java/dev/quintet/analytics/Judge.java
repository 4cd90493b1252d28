package dev.quintet.analytics;

import dev.quintet.platform.log.LogRecord;
import dev.quintet.platform.log.LogSlice;
import dev.quintet.platform.log.Position;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Gives each item of a request its verdict and its row: event, duplicate or rejected. */
final class Judge {

    private static final Logger LOG = LoggerFactory.getLogger(Judge.class);

    /** The reason of an item that is right as far as the rules go, and cannot be stored. */
    static final String LOADER_FAILED = "LOADER_FAILED: the event could not be stored";

    private static final int LONGEST_BODY = 32_768;

    private final SeenIds seen;
    private final MessageDigest md5 = SeenIds.md5();

    Judge(SeenIds seen) {
        this.seen = seen;
    }

    /**
     * Which items of a request go in, by their number.
     *
     * @param included the others are as if they were not there
     * @param failing these are rejected, whatever the rules say
     * @param bodies whether rejected items keep their text
     */
    record Items(IntPredicate included, IntPredicate failing, boolean bodies) {

        static final Items ALL = new Items(item -> true, item -> false, true);
    }

    /**
     * Fills a range with as many of the requests as fit into it.
     *
     * @param behind where the last of them ends
     */
    void judge(Cut cut, List<LogSlice.Entry> requests, Position behind, int most) {
        for (LogSlice.Entry request : requests) {
            if (cut.isFull() || cut.requests.size() == most) {
                cut.endAt(request.position());
                return;
            }
            judge(cut, request, Items.ALL);
            cut.requests.add(request);
        }
        cut.endAt(behind);
    }

    /** All items of a request by its header alone; its text goes with the first, if it may. */
    void rejectUnread(Cut cut, LogSlice.Entry entry, boolean withText) {
        rejectWhole(cut, entry, new Items(item -> true, item -> true, withText));
        cut.requests.add(entry);
    }

    void judge(Cut cut, LogSlice.Entry entry, Items which) {
        Submission submission;
        Request request;
        try {
            submission = Submission.read(entry.record());
            request = Request.of(submission, entry.position());
        } catch (RuntimeException | StackOverflowError unreadable) {
            LOG.error("the request at {} of the log cannot be read", entry.position(), unreadable);
            rejectWhole(cut, entry, which);
            return;
        }
        // By the header, which nobody has judged: an item without a verdict shows in the ledger.
        cut.count(submission.organisation(), submission.items(), 0, 0);
        List<Item> items = submission.sentItems();
        for (int at = 0; at < items.size(); at++) {
            if (which.included.test(at)) {
                Item item = items.get(at);
                switch (which.failing.test(at) ? failed() : request.verdict(item, at)) {
                    case Verdict.Good good -> accept(cut, request, good);
                    case Verdict.Bad bad -> reject(cut, entry, at, item, bad, which.bodies);
                }
            }
        }
    }

    /** What is the same for all items of a request. */
    private record Request(
            UUID organisation,
            String shownOrganisation,
            String source,
            EventRules.Envelope envelope,
            Position position) {

        static Request of(Submission submission, Position position) {
            return new Request(
                    submission.organisation(),
                    submission.organisation().toString(),
                    Source.KIND.show(submission.source()),
                    submission.envelope(),
                    position);
        }

        Verdict verdict(Item item, int number) {
            try {
                // An event that brought no id gets the same one at every attempt.
                return EventRules.judge(item, envelope, "log-" + position + "-" + number);
            } catch (RuntimeException | StackOverflowError fault) {
                LOG.error("no verdict of item {} at {} of the log", number, position, fault);
                return failed();
            }
        }
    }

    private static Verdict.Bad failed() {
        return new Verdict.Bad(LOADER_FAILED, "");
    }

    private void accept(Cut cut, Request request, Verdict.Good good) {
        SeenIds.Key key = SeenIds.Key.of(md5, request.source, good.messageId());
        Instant received = request.envelope.receivedAt();
        if (seen.contains(key, received) || cut.ids.putIfAbsent(key, received) != null) {
            cut.count(request.organisation, 0, 1, 0);
            return;
        }
        Map<String, @Nullable Object> row = good.row();
        row.put("organisation", request.shownOrganisation);
        row.put("source", request.source);
        row.put("received_at", EventRules.micros(received));
        cut.events.add(row);
    }

    private static void reject(
            Cut cut,
            LogSlice.Entry entry,
            int number,
            Item item,
            Verdict.Bad bad,
            boolean withBody) {
        reject(
                cut,
                entry,
                number,
                item.kind(Item.Member.MESSAGE_ID) == Item.Kind.TEXT
                        ? EventRules.clean(item.text(Item.Member.MESSAGE_ID))
                        : null,
                bad,
                withBody ? EventRules.clean(item.raw()) : "");
    }

    /** By the header alone; the text goes with the first of the items. */
    private static void rejectWhole(Cut cut, LogSlice.Entry entry, Items which) {
        Submission.Header header = Submission.Header.of(entry);
        cut.count(header.organisation(), header.items(), 0, 0);
        for (int at = 0; at < header.items(); at++) {
            if (which.included.test(at)) {
                boolean withBody = at == 0 && which.bodies;
                String body = withBody ? text(entry.record().body()) : "";
                reject(cut, entry, at, null, failed(), body);
            }
        }
    }

    private static void reject(
            Cut cut,
            LogSlice.Entry entry,
            int item,
            @Nullable String messageId,
            Verdict.Bad bad,
            String body) {
        LogRecord record = entry.record();
        UUID organisation = Submission.Header.of(entry).organisation();
        Map<String, @Nullable Object> row = new LinkedHashMap<>();
        row.put("organisation", organisation.toString());
        row.put("source", Source.KIND.show(record.source()));
        row.put("item", item);
        row.put("message_id", messageId);
        row.put("reason", EventRules.clean(bad.reason()));
        row.put("path", bad.path());
        row.put("received_at", EventRules.micros(record.receivedAt()));
        row.put("body", body);
        cut.reject(organisation, entry.position(), row);
    }

    private static String text(ByteBuffer body) {
        ByteBuffer some = body.duplicate();
        some.limit(some.position() + Math.min(some.remaining(), LONGEST_BODY));
        return EventRules.clean(StandardCharsets.UTF_8.decode(some).toString());
    }
}
