package dev.quintet.analytics;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.quintet.analytics.http.AnalyticsRoutes;
import dev.quintet.analytics.http.SegmentRoutes;
import dev.quintet.platform.http.TestWeb;
import dev.quintet.platform.sql.TestDatabase;
import io.airlift.compress.zstd.ZstdOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Bodies in every coding that is taken: good, too large once unpacked, and broken. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class PackedBodiesTest {

    private static final byte[] GOOD =
            "{\"batch\":[{\"type\":\"track\",\"event\":\"E\",\"userId\":\"br\"}]}".getBytes(UTF_8);

    // Nothing here packs into br; these came out of Node's zlib.
    private static final byte[] GOOD_IN_BR =
            base64(
                    "ixqAeyJiYXRjaCI6W3sidHlwZSI6InRyYWNrIiwiZXZlbnQiOiJFIiwidXNlcklkIjoiYnIifV19Aw==");
    private static final byte[] SPACES_IN_BR = base64("W78niV8CJB4LBPI+EgA=");
    // 200,000 empty gzip files, one behind the other: 4 MB that unpack to nothing.
    private static final byte[] EMPTY_GZIPS_IN_BR = base64("m/8IPfiPlKzBvRJg4KMQFuPCGEGmAD0HFAA=");

    @TempDir static Path folder;

    private TestDatabase database;
    private Rig rig;
    private TestWeb web;
    private String writeKey = "";

    @BeforeAll
    void open() {
        database = TestDatabase.create("analytics");
        rig = new Rig(folder, database, InstantSource.system());
        web =
                TestWeb.of(
                        new SegmentRoutes(rig.analytics).routes(),
                        new AnalyticsRoutes(rig.analytics, rig.idempotency()).routes());
        writeKey = rig.source("packed");
    }

    @AfterAll
    void close() {
        web.close();
        rig.close();
        database.close();
    }

    @Test
    void events_in_each_coding_and_in_two_of_them_are_taken() throws Exception {
        Map<String, byte[]> bodies = new LinkedHashMap<>();
        bodies.put("gzip", gzip(GOOD));
        bodies.put("X-GZIP", gzip(GOOD));
        bodies.put("deflate", deflate(GOOD));
        bodies.put("zstd", zstd(GOOD));
        bodies.put("br", GOOD_IN_BR);
        bodies.put("br, gzip", gzip(GOOD_IN_BR));
        bodies.put("gzip,zstd", zstd(gzip(GOOD)));
        bodies.put("identity, deflate", deflate(GOOD));
        for (Map.Entry<String, byte[]> body : bodies.entrySet()) {
            HttpResponse<String> answer = send(body.getKey(), body.getValue());
            assertThat(answer.body()).as(body.getKey()).isEqualTo("{\"success\":true}");
        }
        assertThat(rig.ledger().received()).isEqualTo(bodies.size());
    }

    @Test
    void a_small_body_that_unpacks_to_too_much_is_refused_in_each_coding() throws Exception {
        byte[] spaces = new byte[600_000];
        Arrays.fill(spaces, (byte) ' ');
        refused("gzip", gzip(spaces), "EVENTS_TOO_LARGE");
        refused("deflate", deflate(spaces), "EVENTS_TOO_LARGE");
        refused("zstd", zstd(spaces), "EVENTS_TOO_LARGE");
        refused("br", SPACES_IN_BR, "EVENTS_TOO_LARGE");
        refused("gzip, br", EMPTY_GZIPS_IN_BR, "EVENTS_TOO_LARGE");
    }

    @Test
    void a_broken_body_is_refused_in_each_coding_whatever_its_bytes_are() throws Exception {
        Map<String, byte[]> bodies =
                Map.of(
                        "gzip", gzip(GOOD),
                        "deflate", deflate(GOOD),
                        "zstd", zstd(GOOD),
                        "br", GOOD_IN_BR);
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (Map.Entry<String, byte[]> body : bodies.entrySet()) {
            byte[] half = Arrays.copyOf(body.getValue(), body.getValue().length / 2);
            refused(body.getKey(), half, "EVENTS_MALFORMED");
            refused(body.getKey(), GOOD, "EVENTS_MALFORMED");
            for (int run = 0; run < 50; run++) {
                byte[] bent = body.getValue().clone();
                for (int flips = random.nextInt(1, 6); flips > 0; flips--) {
                    bent[random.nextInt(bent.length)] = (byte) random.nextInt();
                }
                assertThat(send(body.getKey(), bent).statusCode())
                        .as("%s, seed %d", body.getKey(), seed)
                        .isIn(200, 400, 413);
            }
        }
    }

    private void refused(String coding, byte[] body, String code) throws Exception {
        assertThat(send(coding, body).body()).as(coding).contains(code);
    }

    private HttpResponse<String> send(String coding, byte[] body) throws Exception {
        String user = Base64.getEncoder().encodeToString((writeKey + ":").getBytes(UTF_8));
        return web.send(
                HttpRequest.newBuilder(web.at("/v1/batch"))
                        .header("Authorization", "Basic " + user)
                        .header("Content-Encoding", coding)
                        .POST(BodyPublishers.ofByteArray(body))
                        .build());
    }

    private static byte[] gzip(byte[] plain) throws IOException {
        var packed = new ByteArrayOutputStream();
        return written(packed, new GZIPOutputStream(packed), plain);
    }

    private static byte[] deflate(byte[] plain) throws IOException {
        var packed = new ByteArrayOutputStream();
        return written(packed, new DeflaterOutputStream(packed), plain);
    }

    private static byte[] zstd(byte[] plain) throws IOException {
        var packed = new ByteArrayOutputStream();
        return written(packed, new ZstdOutputStream(packed), plain);
    }

    private static byte[] written(ByteArrayOutputStream packed, OutputStream packer, byte[] plain)
            throws IOException {
        try (packer) {
            packer.write(plain);
        }
        return packed.toByteArray();
    }

    private static byte[] base64(String text) {
        return Base64.getDecoder().decode(text);
    }
}
