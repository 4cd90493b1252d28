package dev.quintet.platform.egress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.quintet.platform.Cidr;
import dev.quintet.platform.DataSize;
import dev.quintet.platform.Refusal;
import dev.quintet.platform.Refused;
import dev.quintet.platform.config.Settings;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class EgressTest {

    private final List<AutoCloseable> open = new ArrayList<>();

    @AfterEach
    void closeAll() throws Exception {
        for (AutoCloseable each : open.reversed()) {
            each.close();
        }
    }

    private static EgressConfig config(String... allowed) {
        EgressConfig defaults = Settings.defaults(EgressConfig.class);
        return new EgressConfig(
                java.util.Arrays.stream(allowed).map(Cidr::parse).toList(),
                Duration.ofSeconds(2),
                Duration.ofMillis(1_500),
                new DataSize(4_096),
                defaults.connections(),
                defaults.connectionsPerHost());
    }

    private Egress egress(String... allowed) {
        return keep(new Egress(config(allowed)));
    }

    private <T extends AutoCloseable> T keep(T resource) {
        open.add(resource);
        return resource;
    }

    private interface Answer {
        void to(HttpExchange exchange) throws IOException;
    }

    private String serve(String address, Answer answer) throws IOException {
        return start(HttpServer.create(new InetSocketAddress(address, 0), 0), answer);
    }

    private String start(HttpServer server, Answer answer) {
        var threads = Executors.newVirtualThreadPerTaskExecutor();
        server.setExecutor(threads);
        server.createContext(
                "/",
                exchange -> {
                    try (exchange) {
                        answer.to(exchange);
                    }
                });
        server.start();
        open.add(threads);
        open.add(() -> server.stop(0));
        return "http://"
                + server.getAddress().getHostString()
                + ":"
                + server.getAddress().getPort();
    }

    private static void say(HttpExchange exchange, int status, String text) throws IOException {
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
        exchange.getResponseBody().write(body);
    }

    private static void redirect(HttpExchange exchange, String to) throws IOException {
        exchange.getResponseHeaders().set("Location", to);
        say(exchange, 302, "");
    }

    private static Refusal refusalOf(Egress egress, String url) {
        return refusalOf(egress, EgressRequest.get(URI.create(url)));
    }

    private static Refusal refusalOf(Egress egress, EgressRequest request) {
        Refused refused = catchThrowableOfType(Refused.class, () -> egress.send(request));
        assertThat(refused).as("refusal of %s", request.url().getHost()).isNotNull();
        return refused.refusal();
    }

    @Test
    void a_post_arrives_with_its_headers_and_body_and_the_answer_comes_back() throws Exception {
        String url =
                serve(
                        "127.0.0.1",
                        exchange -> {
                            exchange.getResponseHeaders().set("X-Kind", "echo");
                            say(
                                    exchange,
                                    201,
                                    exchange.getRequestHeaders().getFirst("Webhook-Id")
                                            + new String(
                                                    exchange.getRequestBody().readAllBytes(),
                                                    StandardCharsets.UTF_8));
                        });
        EgressResponse response =
                egress("127.0.0.0/8")
                        .send(
                                EgressRequest.post(
                                        URI.create(url + "/hook"),
                                        Map.of(
                                                "webhook-id",
                                                "msg_1",
                                                "content-type",
                                                "application/json"),
                                        "{}".getBytes(StandardCharsets.UTF_8)));
        assertThat(response.status()).isEqualTo(201);
        assertThat(response.text()).isEqualTo("msg_1{}");
        assertThat(response.header("x-KIND")).contains("echo");
    }

    @Test
    void only_what_the_operator_allows_is_reached_on_loopback() throws Exception {
        AtomicInteger hits = new AtomicInteger();
        String url =
                serve(
                        "127.0.0.1",
                        exchange -> {
                            hits.incrementAndGet();
                            say(exchange, 200, "inside");
                        });
        assertThat(refusalOf(egress(), url)).isEqualTo(EgressRefusal.URL_ADDRESS_REFUSED);
        assertThat(refusalOf(egress("127.0.0.2/32"), url))
                .isEqualTo(EgressRefusal.URL_ADDRESS_REFUSED);
        assertThat(hits).hasValue(0);
        assertThat(egress("127.0.0.1").send(EgressRequest.get(URI.create(url))).text())
                .isEqualTo("inside");
    }

    @Test
    void a_redirect_is_checked_like_the_first_address() throws Exception {
        AtomicInteger hits = new AtomicInteger();
        String secret =
                serve(
                        "127.0.0.2",
                        exchange -> {
                            hits.incrementAndGet();
                            say(exchange, 200, "metadata");
                        });
        String door = serve("127.0.0.1", exchange -> redirect(exchange, secret + "/latest"));
        assertThat(refusalOf(egress("127.0.0.1/32"), door))
                .isEqualTo(EgressRefusal.URL_ADDRESS_REFUSED);
        assertThat(hits).hasValue(0);
        // The planted fault: with the check lifted, the same redirect gets in.
        assertThat(egress("127.0.0.0/8").send(EgressRequest.get(URI.create(door))).text())
                .isEqualTo("metadata");
    }

    @Test
    void a_name_that_changes_its_answer_gains_nothing() throws Exception {
        AtomicInteger hits = new AtomicInteger();
        int port = serveClosing("127.0.0.1", 0, new AtomicInteger());
        serveClosing("127.0.0.2", port, hits);
        AtomicInteger asked = new AtomicInteger();
        CheckedDns.Lookup rebinding =
                host ->
                        new InetAddress[] {
                            InetAddress.getByName(
                                    asked.incrementAndGet() == 1 ? "127.0.0.1" : "127.0.0.2")
                        };
        Egress egress =
                keep(new Egress(config("127.0.0.1/32"), rebinding, SSLContext.getDefault()));
        String url = "http://rebind.example:" + port + "/";
        assertThat(egress.send(EgressRequest.get(URI.create(url))).status()).isEqualTo(200);
        assertThat(asked).as("one lookup for check and connection together").hasValue(1);
        assertThat(refusalOf(egress, url)).isEqualTo(EgressRefusal.URL_ADDRESS_REFUSED);
        assertThat(hits).hasValue(0);
    }

    private int serveClosing(String address, int port, AtomicInteger hits) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(address, port), 0);
        start(
                server,
                exchange -> {
                    hits.incrementAndGet();
                    exchange.getResponseHeaders().set("Connection", "close");
                    say(exchange, 200, "x");
                });
        return server.getAddress().getPort();
    }

    @Test
    void one_forbidden_address_among_good_ones_refuses_the_name() throws Exception {
        CheckedDns.Lookup mixed =
                host ->
                        new InetAddress[] {
                            InetAddress.getByName("1.1.1.1"), InetAddress.getByName("10.0.0.1")
                        };
        Egress egress = keep(new Egress(config(), mixed, SSLContext.getDefault()));
        assertThat(refusalOf(egress, "http://mixed.example/"))
                .isEqualTo(EgressRefusal.URL_ADDRESS_REFUSED);
    }

    @Test
    void a_name_without_address_is_said_to_be_unknown() throws Exception {
        CheckedDns.Lookup nothing =
                host -> {
                    throw new UnknownHostException(host);
                };
        Egress egress = keep(new Egress(config(), nothing, SSLContext.getDefault()));
        assertThat(refusalOf(egress, "http://nowhere.example/"))
                .isEqualTo(EgressRefusal.URL_HOST_UNKNOWN);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://2130706433/", "http://0x7f000001/", "http://0x7f.0.0.1/",
                        "http://017700000001/",
                "http://127.1/", "http://[::1]/", "http://[::ffff:127.0.0.1]/",
                        "http://[::ffff:7f00:1]/",
                "http://[::127.0.0.1]/", "http://[64:ff9b::7f00:1]/", "http://[fe80::1]/",
                        "http://[fd00::1]/",
                "http://0.0.0.0/", "http://0/", "http://169.254.169.254/latest/meta-data",
                        "http://localhost/",
                "http://10.0.0.1/", "http://100.64.0.1/", "http://172.31.255.255/",
                        "http://192.168.1.1/",
                "http://224.0.0.1/", "http://255.255.255.255/", "http://[ff02::1]/",
                        "http://[2002:7f00:1::]/",
                "http://[2001:db8::1]/"
            })
    void no_spelling_of_an_inner_address_gets_through(String url) {
        assertThat(refusalOf(egress(), url))
                .isIn(
                        EgressRefusal.URL_ADDRESS_REFUSED,
                        EgressRefusal.URL_NOT_FETCHABLE,
                        EgressRefusal.URL_HOST_UNKNOWN);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1.1.1.1",
                "172.32.0.1",
                "100.128.0.1",
                "2606:4700::1111",
                "64:ff9b::101:101"
            })
    void public_addresses_are_permitted(String address) throws Exception {
        assertThat(new PublicAddresses(List.of()).permit(InetAddress.getByName(address))).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "ftp://example.org/, URL_NOT_FETCHABLE",
        "file:///etc/passwd, URL_NOT_FETCHABLE",
        "gopher://example.org/, URL_NOT_FETCHABLE",
        "http://user:pass@example.org/, URL_NOT_FETCHABLE",
        "http:///path, URL_NOT_FETCHABLE",
        "/relative, URL_NOT_FETCHABLE",
        "http://example.org:22/, URL_PORT_REFUSED",
        "http://example.org:25/, URL_PORT_REFUSED",
        "http://example.org:5432/, URL_PORT_REFUSED",
        "http://example.org:6379/, URL_PORT_REFUSED"
    })
    void what_can_never_be_fetched_is_refused_before_anything_is_resolved(
            String url, EgressRefusal reason) {
        CheckedDns.Lookup never =
                host -> {
                    throw new AssertionError("resolved " + host);
                };
        Egress egress = keep(new Egress(config(), never, Egresses.tls()));
        Refused refused =
                catchThrowableOfType(Refused.class, () -> egress.requireFetchable(URI.create(url)));
        assertThat(refused.refusal()).isEqualTo(reason);
        assertThat(refused.detail()).doesNotContain("pass@");
        assertThat(refusalOf(egress, url)).isEqualTo(reason);
    }

    @Test
    void three_redirects_are_followed_and_a_fourth_is_not() throws Exception {
        String url =
                serve(
                        "127.0.0.1",
                        exchange -> {
                            int left =
                                    Integer.parseInt(
                                            exchange.getRequestURI().getPath().substring(1));
                            if (left == 0) {
                                say(exchange, 200, "there");
                            } else {
                                redirect(exchange, "/" + (left - 1));
                            }
                        });
        Egress egress = egress("127.0.0.0/8");
        assertThat(egress.send(EgressRequest.get(URI.create(url + "/3"))).text())
                .isEqualTo("there");
        assertThat(refusalOf(egress, url + "/4")).isEqualTo(EgressRefusal.REMOTE_REDIRECTS);
    }

    @Test
    void another_origin_does_not_get_the_headers_and_a_post_is_not_redirected() throws Exception {
        String other =
                serve(
                        "127.0.0.2",
                        exchange ->
                                say(
                                        exchange,
                                        200,
                                        "auth="
                                                + exchange.getRequestHeaders()
                                                        .getFirst("Authorization")));
        String door = serve("127.0.0.1", exchange -> redirect(exchange, other + "/"));
        Egress egress = egress("127.0.0.0/8");
        var get =
                new EgressRequest(
                        "GET",
                        URI.create(door),
                        Map.of("Authorization", "Bearer x"),
                        java.util.Optional.empty());
        assertThat(egress.send(get).text()).isEqualTo("auth=null");
        assertThat(
                        egress.send(EgressRequest.post(URI.create(door), Map.of(), new byte[1]))
                                .status())
                .isEqualTo(302);
    }

    @Test
    void an_endless_body_is_cut_at_its_limit_and_not_read_on() throws Exception {
        String url =
                serve(
                        "127.0.0.1",
                        exchange -> {
                            exchange.sendResponseHeaders(200, 0);
                            byte[] block = new byte[1_024];
                            try {
                                while (true) {
                                    exchange.getResponseBody().write(block);
                                }
                            } catch (IOException hungUp) {
                                // what the test is about
                            }
                        });
        assertThat(refusalOf(egress("127.0.0.0/8"), url)).isEqualTo(EgressRefusal.REMOTE_TOO_LARGE);
    }

    @Test
    void a_body_that_drips_ends_with_the_whole_requests_time() throws Exception {
        String url =
                serve(
                        "127.0.0.1",
                        exchange -> {
                            exchange.sendResponseHeaders(200, 0);
                            try (InputStream until = exchange.getRequestBody()) {
                                while (until.read() < 0) {
                                    exchange.getResponseBody().write('.');
                                    exchange.getResponseBody().flush();
                                    java.util.concurrent.locks.LockSupport.parkNanos(100_000_000);
                                }
                            } catch (IOException hungUp) {
                                // what the test is about
                            }
                        });
        long start = System.nanoTime();
        assertThat(refusalOf(egress("127.0.0.0/8"), url)).isEqualTo(EgressRefusal.REMOTE_TOO_SLOW);
        assertThat(Duration.ofNanos(System.nanoTime() - start))
                .isBetween(Duration.ofMillis(1_400), Duration.ofSeconds(15));
    }

    @Test
    void a_closed_port_is_an_unreachable_server() throws Exception {
        int port;
        try (var unused = new java.net.ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = unused.getLocalPort();
        }
        assertThat(refusalOf(egress("127.0.0.0/8"), "http://127.0.0.1:" + port))
                .isEqualTo(EgressRefusal.REMOTE_UNREACHABLE);
    }

    @Test
    void a_certificate_must_be_trusted_and_name_the_host(@TempDir Path folder) throws Exception {
        KeyStore store = Egresses.certificateFor("good.example", folder);
        HttpsServer server =
                HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(Egresses.context(store)));
        start(server, exchange -> say(exchange, 200, "hello"));
        CheckedDns.Lookup loopback = host -> new InetAddress[] {InetAddress.getLoopbackAddress()};
        String port = ":" + server.getAddress().getPort();
        Egress trusting = keep(new Egress(config("127.0.0.1"), loopback, Egresses.context(store)));
        assertThat(
                        trusting.send(EgressRequest.get(URI.create("https://good.example" + port)))
                                .text())
                .isEqualTo("hello");
        assertThat(refusalOf(trusting, "https://bad.example" + port))
                .isEqualTo(EgressRefusal.REMOTE_UNREACHABLE);
        Egress plain = keep(new Egress(config("127.0.0.1"), loopback, SSLContext.getDefault()));
        assertThat(refusalOf(plain, "https://good.example" + port))
                .isEqualTo(EgressRefusal.REMOTE_UNREACHABLE);
    }

    /** Certificates made for one test. */
    private static final class Egresses {

        static SSLContext tls() {
            try {
                return SSLContext.getDefault();
            } catch (java.security.NoSuchAlgorithmException missing) {
                throw new IllegalStateException(missing);
            }
        }

        static KeyStore certificateFor(String host, Path folder) throws Exception {
            Path file = folder.resolve("server.p12");
            Process keytool =
                    new ProcessBuilder(
                                    Path.of(System.getProperty("java.home"), "bin", "keytool")
                                            .toString(),
                                    "-genkeypair",
                                    "-keyalg",
                                    "EC",
                                    "-alias",
                                    "server",
                                    "-dname",
                                    "CN=" + host,
                                    "-ext",
                                    "SAN=dns:" + host,
                                    "-storetype",
                                    "PKCS12",
                                    "-storepass",
                                    "changeit",
                                    "-keystore",
                                    file.toString())
                            .inheritIO()
                            .start();
            assertThat(keytool.waitFor()).isZero();
            KeyStore store = KeyStore.getInstance("PKCS12");
            try (InputStream in = Files.newInputStream(file)) {
                store.load(in, "changeit".toCharArray());
            }
            return store;
        }

        static SSLContext context(KeyStore store) throws Exception {
            KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
            keys.init(store, "changeit".toCharArray());
            KeyStore trusted = KeyStore.getInstance("PKCS12");
            trusted.load(null, null);
            trusted.setCertificateEntry("server", store.getCertificate("server"));
            TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
            trust.init(trusted);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
            return context;
        }
    }
}
