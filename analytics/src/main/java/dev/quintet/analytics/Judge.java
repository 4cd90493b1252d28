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

    /** What was rejected before it is in its table already. */
    private final Position rejectedBefore;

    Judge(SeenIds seen, Position rejectedBefore) {
        this.seen = seen;
        this.rejectedBefore = rejectedBefore;
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
                judge(cut, new Item(submission, entry.position(), at, items.get(at)), which);
            }
        }
    }

    private record Item(Submission submission, Position position, int number, JsonNode body) {

        String source() {
            return Source.KIND.show(submission.source());
        }

        /** The id of an event that brought none: the same for every attempt. */
        String ownId() {
            return "log-" + position + "-" + number;
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
            LOG.error("no verdict of item {} at {} of the log", item.number, item.position, fault);
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

    private void reject(Cut cut, Item item, Verdict.Bad bad, boolean withBody) {
        Submission submission = item.submission;
        JsonNode messageId = item.body.path("messageId");
        Map<String, @Nullable Object> row = new LinkedHashMap<>();
        row.put("organisation", submission.organisation().toString());
        row.put("source", item.source());
        row.put("item", item.number);
        row.put(
                "message_id",
                messageId.isString() ? EventRules.clean(messageId.stringValue()) : null);
        row.put("reason", bad.reason());
        row.put("path", bad.path());
        row.put("received_at", EventRules.micros(submission.receivedAt()));
        row.put("body", withBody ? EventRules.clean(item.body.toString()) : "");
        reject(cut, submission.organisation(), item.position, row);
    }

    /** By the header alone; the text goes with the first of the items. */
    private void rejectWhole(Cut cut, LogSlice.Entry entry, Items which) {
        Submission.Header header = Submission.Header.of(entry);
        LogRecord record = entry.record();
        cut.count(header.organisation(), header.items(), 0, 0);
        for (int at = 0; at < header.items(); at++) {
            if (which.included.test(at)) {
                Map<String, @Nullable Object> row = new LinkedHashMap<>();
                row.put("organisation", header.organisation().toString());
                row.put("source", Source.KIND.show(record.source()));
                row.put("item", at);
                row.put("message_id", null);
                row.put("reason", LOADER_FAILED);
                row.put("path", "");
                row.put("received_at", EventRules.micros(record.receivedAt()));
                row.put("body", at == 0 && which.bodies ? text(record.body()) : "");
                reject(cut, header.organisation(), entry.position(), row);
            }
        }
    }

    private void reject(
            Cut cut, UUID organisation, Position position, Map<String, @Nullable Object> row) {
        cut.count(organisation, 0, 0, 1);
        if (position.compareTo(rejectedBefore) >= 0) {
            row.put("segment", position.segment());
            row.put("position", position.offset());
            cut.rejected.add(row);
        }
    }

    private static String text(ByteBuffer body) {
        ByteBuffer some = body.duplicate();
        some.limit(some.position() + Math.min(some.remaining(), LONGEST_BODY));
        return EventRules.clean(StandardCharsets.UTF_8.decode(some).toString());
    }
}
