package dev.quintet.bench.journey;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.quintet.platform.http.Json;
import java.util.Base64;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import tools.jackson.databind.JsonNode;

/**
 * analytics: batches of ten events by the Segment API. In the lake each acknowledged event must
 * stand exactly once.
 */
final class Tracking implements Actor {

    private static final int BATCH = 10;
    private static final int PAGE = 500;

    private final Calls calls;
    private final Tally tally;
    private final Cast cast;
    private final String writeKey;
    private final Set<String> acknowledged = new HashSet<>();

    Tracking(Cast cast, Tally tally) {
        this.calls = cast.calls();
        this.tally = tally;
        this.cast = cast;
        String key =
                calls.json(
                                tally,
                                cast.adminKey(),
                                "POST",
                                "/api/v1/analytics/sources",
                                "{\"name\":\"journey\"}")
                        .get("writeKey")
                        .asString();
        this.writeKey = "Basic " + Base64.getEncoder().encodeToString((key + ":").getBytes(UTF_8));
    }

    @Override
    public void act() {
        int from = acknowledged.size();
        String batch =
                IntStream.range(from, from + BATCH)
                        .mapToObj(number ->
                                "{\"type\":\"track\",\"event\":\"step\",\"userId\":\"%s\",\"messageId\":\"e%06d\"}"
                                        .formatted(cast.ada().id(), number))
                        .collect(Collectors.joining(",", "{\"batch\":[", "]}"));
        calls.json(
                tally,
                "",
                "POST",
                "/v1/batch",
                batch,
                request -> request.header("Authorization", writeKey));
        IntStream.range(from, from + BATCH).forEach(n -> acknowledged.add("e%06d".formatted(n)));
        tally.acknowledge();
    }

    @Override
    public void check() {
        Calls.until("all events are in the lake", () -> count() >= acknowledged.size());
        Set<String> stored = new HashSet<>();
        for (int from = 0; from < acknowledged.size() + PAGE; from += PAGE) {
            for (JsonNode row :
                    query(
                            "select message_id from events where event = 'step' order by 1 limit %d offset %d"
                                    .formatted(PAGE, from))) {
                stored.add(row.get(0).asString());
            }
        }
        if (count() != stored.size() || !stored.equals(acknowledged)) {
            calls.wrong(
                    "analytics: the lake holds %d rows of %d events, acknowledged were %d"
                            .formatted(count(), stored.size(), acknowledged.size()));
        }
        balance();
    }

    /** The ledger knows of every item, and of as many stored ones as there are rows. */
    private void balance() {
        Calls.until("nothing is pending", () -> term(ledger(), "pending") == 0);
        JsonNode ledger = ledger();
        long rows = query("select count(*) from events").get(0).get(0).asLong();
        long where = term(ledger, "stored") + term(ledger, "duplicate") + term(ledger, "rejected");
        if (term(ledger, "stored") != rows
                || term(ledger, "received") != where
                || term(ledger, "rejected") != 0) {
            calls.wrong("analytics: " + rows + " rows, but the ledger says " + ledger);
        }
    }

    private JsonNode ledger() {
        return calls.json(tally, cast.adminKey(), "GET", "/api/v1/analytics/ledger", "");
    }

    private static long term(JsonNode ledger, String name) {
        return ledger.get(name).asLong();
    }

    private long count() {
        return query("select count(*) from events where event = 'step'").get(0).get(0).asLong();
    }

    private JsonNode query(String sql) {
        String body = new String(Json.write(Map.of("sql", sql, "limit", PAGE)), UTF_8);
        return calls.json(tally, cast.adminKey(), "POST", "/api/v1/analytics/query", body)
                .get("rows");
    }
}
