package dev.quintet.server;

import static dev.quintet.server.LiveServer.json;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.microsoft.playwright.Page;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.quintet.platform.Await;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;

/**
 * Segment's stock library for browsers, in the pages of a shop of another origin: started by our
 * settings document, it loses no event and doubles none, whatever the visitor does.
 */
@ExtendWith(Face.Extension.class)
final class AnalyticsNextBrowserTest {

    private static final Path LIBRARY =
            Path.of("src/test/node/node_modules/@segment/analytics-next/dist/umd/index.js")
                    .toAbsolutePath();

    private static final String BATCHES =
            "{\"strategy\":\"batching\",\"config\":{\"size\":10,\"timeout\":200}}";

    @BeforeAll
    static void requireJudge() {
        if (!Files.exists(LIBRARY)) {
            System.out.println(
                    "SKIPPED: analytics-next: 'npm ci' in server/src/test/node is needed");
        }
        assumeTrue(Files.exists(LIBRARY), "analytics-next is not installed");
    }

    @Test
    void each_call_of_a_page_is_there_once_with_what_it_said(Face face) throws Exception {
        try (Shop shop = new Shop(face, "{}");
                Visitor ada = face.visitor()) {
            ada.open(shop.at("/"));
            ada.page()
                    .evaluate(
                            """
                            () => Promise.all([
                              analytics.page('Home'),
                              analytics.identify('ada', { plan: 'free' }),
                              analytics.group('g1', { seats: 3 }),
                              analytics.alias('ada@shop', 'ada'),
                              analytics.screen('Cart'),
                              ...Array.from({ length: 100 }, (_, n) => analytics.track('Bought', { n })),
                            ])
                            """);
            shop.awaitEvents(105);
            assertThat(
                            shop.rows(
                                    "select type, count(*) from events where %s group by 1 order by 1"))
                    .hasToString(
                            "[[\"alias\",1],[\"group\",1],[\"identify\",1],[\"page\",1],[\"screen\",1],[\"track\",100]]");
            assertThat(
                            shop.rows(
                                    "select sum((properties->>'$.n')::int), min(user_id), min(context->>'$.page.title') from events where event = 'Bought' and %s"))
                    .hasToString("[[4950,\"ada\",\"Shop\"]]");
        }
    }

    @Test
    void who_leaves_in_the_middle_or_loses_the_network_loses_no_event(Face face) throws Exception {
        leavesAndLosesTheNetwork(face, "{}");
    }

    @Test
    void events_in_batches_survive_the_same(Face face) throws Exception {
        leavesAndLosesTheNetwork(face, BATCHES);
    }

    private static void leavesAndLosesTheNetwork(Face face, String delivery) throws Exception {
        try (Shop shop = new Shop(face, delivery);
                Visitor ada = face.visitor()) {
            Page page = ada.open(shop.at("/")).page();
            // Leaves while they are on their way, and comes to another page of the shop.
            for (String next : List.of("/shoes", "/cart")) {
                page.waitForRequest("**/v1/*", () -> clicks(page, 30));
                page.evaluate("next => { location = next; }", next);
                page.waitForURL("**" + next);
            }
            page.context().setOffline(true);
            clicks(page, 30);
            page.context().setOffline(false);
            shop.awaitEvents(90);
            // What was sent again from the page before may have met the missing network.
            ada.complaints().removeIf(line -> line.contains("ERR_INTERNET_DISCONNECTED"));
        }
    }

    /** What the library is given before it has begun it keeps in the page alone. */
    private static void clicks(Page page, int events) {
        page.evaluate(
                """
                async (events) => {
                  await analytics;
                  for (let n = 0; n < events; n++) analytics.track('Clicked', { n });
                }
                """,
                events);
    }

    @Test
    void a_page_that_the_source_does_not_name_is_told_so_and_gives_up(Face face) throws Exception {
        try (Shop shop = new Shop(face, "{}");
                Visitor eve = face.visitor()) {
            eve.open(shop.at("/").replace("127.0.0.1", "localhost"));
            Object told =
                    eve.page()
                            .evaluate(
                                    """
                                    () => new Promise((resolve) => {
                                      analytics.on('error', ({ code, reason }) => resolve(`${code}: ${reason.message}`));
                                      analytics.track('Stolen');
                                    })
                                    """);
            assertThat(told).isEqualTo("delivery_failure: Non-retryable error: 403");
            eve.excuses("status of 403");
            // Whoever is no page is taken with the same key; it is all that is there then.
            face.server().track(shop.writeKey, "Bought");
            shop.awaitEvents(1);
        }
    }

    /** A web shop of an origin of its own, whose pages carry the library and one source's key. */
    private static final class Shop implements AutoCloseable {

        private final LiveServer server;
        private final HttpServer pages;
        private final String source;
        private final String html;
        private final String writeKey;
        private final long stored;

        Shop(Face face, String delivery) throws Exception {
            this.server = face.server();
            this.pages =
                    HttpServer.create(
                            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            pages.createContext(
                    "/", exchange -> answer(exchange, "text/html", html().getBytes(UTF_8)));
            pages.createContext(
                    "/next.js",
                    exchange -> answer(exchange, "text/javascript", Files.readAllBytes(LIBRARY)));
            pages.start();
            Map<String, Object> wanted =
                    Map.of("name", "web shop", "allowedOrigins", List.of(origin()));
            JsonNode made = server.admin("POST", "/api/v1/analytics/sources", json(wanted), 201);
            this.source = made.get("id").asString();
            this.writeKey = made.get("writeKey").asString();
            this.stored = ledger("stored");
            // Without a way of delivery, the settings document alone says where events go.
            this.html =
                    """
                    <!doctype html><html lang="en"><link rel="icon" href="data:," /><title>Shop</title>
                    <script src="/next.js"></script>
                    <script>
                      const delivery = %s;
                      window.analytics = AnalyticsNext.AnalyticsBrowser.load(
                        { writeKey: '%s', cdnURL: '%s' },
                        delivery.strategy ? { integrations: { 'Segment.io': { deliveryStrategy: delivery } } } : {},
                      );
                    </script></html>
                    """
                            .formatted(delivery, writeKey, server.url());
        }

        private String html() {
            return html;
        }

        private String origin() {
            return "http://127.0.0.1:" + pages.getAddress().getPort();
        }

        String at(String path) {
            return origin() + path;
        }

        private static void answer(HttpExchange exchange, String type, byte[] body)
                throws IOException {
            try (exchange) {
                exchange.getResponseHeaders().set("Content-Type", type);
                exchange.sendResponseHeaders(200, body.length);
                exchange.getResponseBody().write(body);
            }
        }

        /** Until all are there; then that they are all, and each once. */
        void awaitEvents(int events) throws Exception {
            // The ledger is asked at no cost; others' events are in it too.
            Await.until("they are stored", () -> ledger("stored") - stored >= events);
            String count = "select count(*) from events where %s";
            Await.until(
                    events + " events are there",
                    () -> rows(count).get(0).get(0).asLong() >= events);
            assertThat(rows("select count(*), count(distinct message_id) from events where %s"))
                    .hasToString("[[" + events + "," + events + "]]");
            Await.until("all is loaded", () -> ledger("pending") == 0);
            assertThat(rows(count)).hasToString("[[" + events + "]]");
        }

        /** Of a question with this source's own condition in it. */
        JsonNode rows(String sql) {
            try {
                String own = sql.formatted("source = '" + source + "'");
                return server.admin(
                                "POST", "/api/v1/analytics/query", json(Map.of("sql", own)), 200)
                        .get("rows");
            } catch (Exception failure) {
                throw new AssertionError(failure);
            }
        }

        private long ledger(String term) {
            try {
                return server.admin("GET", "/api/v1/analytics/ledger", "", 200).get(term).asLong();
            } catch (Exception failure) {
                throw new AssertionError(failure);
            }
        }

        @Override
        public void close() {
            pages.stop(0);
        }
    }
}
