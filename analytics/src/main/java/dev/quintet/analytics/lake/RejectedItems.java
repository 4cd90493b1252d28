package dev.quintet.analytics.lake;

import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/** Reads back what was rejected, and why. */
public final class RejectedItems {

    private RejectedItems() {}

    /**
     * @param path the offending member as a JSON pointer, empty for the item itself
     * @param body the item as it was sent
     */
    public record Item(
            Optional<String> messageId,
            String reason,
            String path,
            String receivedAt,
            String body) {}

    /**
     * @param next where the next page begins; empty after the last item
     */
    public record Page(List<Item> items, Optional<String> next) {}

    /** A page of the items in these files, in the order in which they came. */
    public static Page read(
            UserQueries queries, List<QueryFile> files, Optional<String> after, int limit) {
        Place from = after.map(Place::parse).orElse(new Place(-1, -1, -1));
        String sql =
                "select message_id, reason, path, received_at, body, log_partition, log_offset, item"
                        + " from events where (log_partition, log_offset, item) > (%d, %d, %d)"
                                .formatted(from.partition, from.offset, from.item)
                        + " order by log_partition, log_offset, item limit "
                        + (limit + 1);
        List<List<JsonNode>> rows =
                queries.runOver(LakeTable.REJECTED, sql, files, limit + 1).rows();
        List<Item> items = rows.stream().limit(limit).map(RejectedItems::item).toList();
        Optional<String> next =
                rows.size() > limit
                        ? Optional.of(Place.of(rows.get(limit - 1)).text())
                        : Optional.empty();
        return new Page(items, next);
    }

    private static Item item(List<JsonNode> row) {
        return new Item(
                row.get(0).isNull() ? Optional.empty() : Optional.of(row.get(0).stringValue()),
                row.get(1).stringValue(),
                row.get(2).stringValue(),
                row.get(3).stringValue(),
                row.get(4).stringValue());
    }

    /** Where an item lies: its request's place in the log, and its place in the request. */
    private record Place(long partition, long offset, long item) {

        static Place of(List<JsonNode> row) {
            return new Place(
                    row.get(5).longValue(), row.get(6).longValue(), row.get(7).longValue());
        }

        static Place parse(String text) {
            // Apart by what no text had from before a position had a partition.
            String[] parts = text.split("_", -1);
            try {
                return new Place(
                        Long.parseLong(parts[0]),
                        Long.parseLong(parts[1]),
                        Long.parseLong(parts[2]));
            } catch (NumberFormatException | ArrayIndexOutOfBoundsException other) {
                throw dev.quintet.analytics.AnalyticsRefusal.PAGE_UNKNOWN.because();
            }
        }

        String text() {
            return partition + "_" + offset + "_" + item;
        }
    }
}
