package dev.quintet.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Instant;
import java.util.Base64;
import java.util.Map;
import java.util.function.BooleanSupplier;

/** Batches of a hundred distinct events each, as a Segment library sends them. */
final class EventLoad {

    static final int BATCH = 100;
    private static final int WRITERS = 8;

    private EventLoad() {}

    /** Sends from a few connections until it is enough. */
    static void fill(QuintetProcess server, BooleanSupplier enough) {
        String key = source(server);
        Crew.run(
                WRITERS,
                writer -> {
                    try (Wire wire = new Wire(server.base())) {
                        for (int batch = 0; !enough.getAsBoolean(); batch++) {
                            wire.exchange(request(key, writer, batch)).require(200);
                        }
                    }
                });
    }

    /** The write key of a new source. */
    static String source(QuintetProcess server) {
        try (Wire wire = new Wire(server.base())) {
            return wire.ask(
                            server.adminKey(),
                            "POST",
                            "/api/v1/analytics/sources",
                            "{\"name\":\"bench\"}")
                    .require(201)
                    .json()
                    .get("writeKey")
                    .stringValue();
        }
    }

    /** About 30 KB; no two events of a run have the same id. */
    static byte[] request(String writeKey, int writer, int batch) {
        Instant now = Instant.now();
        StringBuilder json = new StringBuilder(40_000).append("{\"batch\":[");
        for (int event = 0; event < BATCH; event++) {
            json.append(event == 0 ? "" : ",")
                    .append("{\"type\":\"track\",\"event\":\"product viewed\",\"messageId\":\"")
                    .append(writer + "-" + batch + "-" + event)
                    .append("\",\"userId\":\"person-" + (batch * 7 + event) % 5000)
                    .append("\",\"timestamp\":\"" + now + "\"")
                    .append(",\"properties\":{\"sku\":\"A-" + event)
                    .append("\",\"price\":19.95,\"currency\":\"EUR\",\"category\":\"books\"}")
                    .append(",\"context\":{\"ip\":\"203.0.113.7\",\"locale\":\"de-DE\"}}");
        }
        return post(writeKey, "/v1/batch", json.append("]}").toString().getBytes(UTF_8));
    }

    /** A request of the Segment API. */
    static byte[] post(String writeKey, String path, byte[] body) {
        String credential = Base64.getEncoder().encodeToString((writeKey + ":").getBytes(UTF_8));
        return Wire.request(
                "POST",
                path,
                Map.of("Authorization", "Basic " + credential, "Content-Type", "application/json"),
                body);
    }
}
