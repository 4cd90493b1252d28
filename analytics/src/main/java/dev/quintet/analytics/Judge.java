package dev.quintet.analytics;

import dev.quintet.platform.log.LogRecord;
import dev.quintet.platform.log.LogSlice;
import dev.quintet.platform.log.Position;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** Gives each item of a request its verdict and its row: event, duplicate or rejected. */
final class Judge {

    private static final Logger LOG = LoggerFactory.getLogger(Judge.class);

    /** The reason of an item that is right as far as the rules go, and cannot be stored. */
    static final String LOADER_FAILED = "LOADER_FAILED: the event could not be stored";

    private static final int LONGEST_BODY = 32_768;

    private final SeenIds seen;

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

    void judge(Cut cut, LogSlice.Entry entry, Items which) {
        Submission submission;
        try {
            submission = Submission.read(entry.record());
        } catch (JacksonException unreadable) {
            LOG.error("the request at {} of the log cannot be read", entry.position(), unreadable);
            rejectWhole(cut, entry, which);
            return;
        }
        // By the header, which nobody has judged: an item without a verdict shows in the ledger.
        cut.count(submission.organisation(), submission.items(), 0, 0);
        List<JsonNode> items = submission.itemNodes();
        for (int at = 0; at < items.size(); at++) {
            if (which.included.test(at)) {
                judge(cut, new Item(submission, entry, at, items.get(at)), which);
            }
        }
    }

    private record Item(Submission submission, LogSlice.Entry entry, int number, JsonNode body) {

        String source() {
            return Source.KIND.show(submission.source());
        }

        /** The id of an event that brought none: the same for every attempt. */
        String ownId() {
            return "log-" + entry.position() + "-" + number;
        }
    }

    private void judge(Cut cut, Item item, Items which) {
        switch (which.failing.test(item.number) ? failed() : verdict(item)) {
            case Verdict.Good good -> accept(cut, item, good);
            case Verdict.Bad bad -> reject(cut, item, bad, which.bodies);
        }
    }

    private static Verdict.Bad failed() {
        return new Verdict.Bad(LOADER_FAILED, "");
    }

    private static Verdict verdict(Item item) {
        try {
            return EventRules.judge(item.body, item.submission.envelope(item.ownId()));
        } catch (RuntimeException | StackOverflowError fault) {
            LOG.error(
                    "no verdict of item {} at {} of the log",
                    item.number,
                    item.entry.position(),
                    fault);
            return failed();
        }
    }

    private void accept(Cut cut, Item item, Verdict.Good good) {
        SeenIds.Key key = SeenIds.Key.of(item.source(), good.messageId());
        Submission submission = item.submission;
        Instant received = submission.receivedAt();
        if (seen.contains(key, received) || cut.ids.putIfAbsent(key, received) != null) {
            cut.count(submission.organisation(), 0, 1, 0);
            return;
        }
        Map<String, @Nullable Object> row = new LinkedHashMap<>();
        row.put("organisation", submission.organisation().toString());
        row.put("source", item.source());
        row.putAll(good.row());
        row.put("received_at", EventRules.micros(received));
        cut.events.add(row);
    }

    private static void reject(Cut cut, Item item, Verdict.Bad bad, boolean withBody) {
        JsonNode messageId = item.body.path("messageId");
        reject(
                cut,
                item.entry,
                item.number,
                messageId.isString() ? EventRules.clean(messageId.stringValue()) : null,
                bad,
                withBody ? EventRules.clean(item.body.toString()) : "");
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
        row.put("reason", bad.reason());
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
