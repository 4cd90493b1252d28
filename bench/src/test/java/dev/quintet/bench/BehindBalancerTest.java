package dev.quintet.bench;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.quintet.platform.http.Json;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/**
 * What {@code deploy/nginx.conf} and {@code deploy/haproxy.cfg} say, met by one client of a node.
 */
final class BehindBalancerTest {

    private static final Duration GIVE_UP = Duration.ofSeconds(20);

    @TempDir static Path folder;
    private static final Opened opened = new Opened();
    private static final Map<Balancer.Kind, URI> bases = new EnumMap<>(Balancer.Kind.class);
    private static QuintetProcess node;

    @BeforeAll
    static void open() {
        for (Balancer.Kind kind : Balancer.Kind.values()) {
            if (kind.installed().isEmpty()) {
                System.out.println("SKIPPED: no " + kind + ": what its configuration lets through");
            }
        }
        assumeTrue(
                Arrays.stream(Balancer.Kind.values())
                        .anyMatch(kind -> kind.installed().isPresent()),
                "no balancer is installed");
        QuintetProcess.Settings settings =
                QuintetProcess.Settings.over(folder.resolve("node"))
                        .only("auth,chat,notify,files")
                        .with("QUINTET_HTTP_TRUSTED_PROXIES", "127.0.0.1")
                        .with("QUINTET_HTTP_H2C", "true");
        node = QuintetProcess.start(settings);
        opened.add(node::close);
        for (Balancer.Kind kind : Balancer.Kind.values()) {
            if (kind.installed().isPresent()) {
                Balancer balancer =
                        Balancer.start(
                                kind,
                                Checkout.find(),
                                folder.resolve(kind.name()),
                                settings.port(),
                                settings.port());
                opened.add(balancer::close);
                balancer.awaitReady();
                bases.put(kind, balancer.base());
            }
        }
    }

    @AfterAll
    static void close() {
        opened.close();
    }

    static Set<Balancer.Kind> installed() {
        return bases.keySet();
    }

    @ParameterizedTest
    @MethodSource("installed")
    void a_client_is_known_by_its_own_address_whatever_it_claims(Balancer.Kind kind) {
        try (Wire wire = Wire.from("127.0.0.5", base(kind))) {
            Map<String, String> claims =
                    Map.of(
                            "Authorization",
                            "Bearer " + node.adminKey(),
                            "Content-Type",
                            "application/json",
                            "X-Forwarded-For",
                            "203.0.113.9",
                            "Forwarded",
                            "for=203.0.113.9");
            String user = "{\"email\":\"%s@quintet.test\",\"name\":\"far\"}".formatted(kind);
            String id =
                    wire.exchange(
                                    Wire.request(
                                            "POST", "/api/v1/users", claims, user.getBytes(UTF_8)))
                            .require(201)
                            .json()
                            .get("id")
                            .stringValue();
            assertThat(
                            wire.ask(node.adminKey(), "GET", "/api/v1/audit?limit=1000", "")
                                    .require(200)
                                    .json()
                                    .get("items")
                                    .valueStream()
                                    .filter(entry -> entry.get("target").stringValue().equals(id))
                                    .map(entry -> entry.get("address").stringValue()))
                    .containsExactly("127.0.0.5");
        }
    }

    @ParameterizedTest
    @MethodSource("installed")
    void an_event_comes_while_its_stream_stays_open(Balancer.Kind kind) throws IOException {
        People.Person reader = People.make(node, "reader-" + kind, 1).all().getFirst();
        try (Socket socket = new Socket(base(kind).getHost(), base(kind).getPort());
                Wire wire = new Wire(base(kind))) {
            socket.setSoTimeout(Math.toIntExact(GIVE_UP.toMillis()));
            socket.getOutputStream()
                    .write(
                            Wire.request(
                                    "GET",
                                    "/api/v1/inbox/stream",
                                    Map.of("Authorization", "Bearer " + reader.token()),
                                    new byte[0]));
            var lines = new BufferedReader(new InputStreamReader(socket.getInputStream(), UTF_8));
            assertThat(lines.readLine()).isEqualTo("HTTP/1.1 200 OK");
            assertThat(next(lines, ": ")).isEqualTo(": connected");
            wire.ask(
                            node.adminKey(),
                            "POST",
                            "/api/v1/notifications",
                            "{\"to\":[{\"user\":\"%s\"}],\"channels\":[\"inapp\"],\"content\":{\"title\":\"An order\",\"body\":\"was paid\"}}"
                                    .formatted(reader.id()))
                    .require(202);
            String entry = next(lines, "data: ").substring("data: ".length());
            JsonNode shown = Json.tree(entry.getBytes(UTF_8));
            assertThat(shown.get("title").stringValue()).isEqualTo("An order");
        }
    }

    /** The sizes of chunks and the fields of the head are passed over. */
    private static String next(BufferedReader lines, String beginning) throws IOException {
        String line = lines.readLine();
        while (!line.startsWith(beginning)) {
            line = lines.readLine();
        }
        return line;
    }

    @ParameterizedTest
    @MethodSource("installed")
    void an_upload_reaches_the_server_while_it_is_sent(Balancer.Kind kind) throws IOException {
        byte[] content = new byte[400_000];
        new Random(1).nextBytes(content);
        try (Wire wire = new Wire(base(kind))) {
            String location =
                    wire.exchange(tus("POST", "/files", "Upload-Length", "" + content.length))
                            .require(201)
                            .headers()
                            .getOrDefault("location", "");
            String path = location.substring(location.indexOf("/files/"));
            int arrived = sendHalf(kind, wire, path, content);
            assertThat(arrived).isBetween(1, content.length / 2);
            byte[] rest = Arrays.copyOfRange(content, arrived, content.length);
            wire.out().write(patch(path, arrived, rest.length));
            wire.exchange(rest).require(204);
            ByteArrayOutputStream back = new ByteArrayOutputStream(content.length);
            Map<String, String> bearer = Map.of("Authorization", "Bearer " + node.adminKey());
            assertThat(
                            wire.exchange(
                                            Wire.request("GET", path, bearer, new byte[0]),
                                            back::write)
                                    .status())
                    .isEqualTo(200);
            assertThat(back.toByteArray()).isEqualTo(content);
        }
    }

    /**
     * How much of a body the server has, of which only half was sent. The question ends the
     * request; where it came before the first byte was read, half is sent anew.
     */
    private static int sendHalf(Balancer.Kind kind, Wire other, String path, byte[] content)
            throws IOException {
        long giveUp = System.nanoTime() + GIVE_UP.toNanos();
        int arrived = 0;
        while (arrived == 0 && System.nanoTime() < giveUp) {
            try (Wire wire = new Wire(base(kind))) {
                wire.out().write(patch(path, 0, content.length));
                wire.out().write(content, 0, content.length / 2);
                LockSupport.parkNanos(20_000_000);
                Map<String, String> said =
                        other.exchange(tus("HEAD", path, "Accept", "*/*")).require(200).headers();
                arrived = Integer.parseInt(said.getOrDefault("upload-offset", ""));
            }
        }
        return arrived;
    }

    private static byte[] tus(String method, String path, String name, String value) {
        return Wire.request(method, path, tusHeaders(name, value), new byte[0]);
    }

    private static byte[] patch(String path, int offset, int length) {
        Map<String, String> headers = tusHeaders("Upload-Offset", String.valueOf(offset));
        headers.put("Content-Type", "application/offset+octet-stream");
        return Wire.head("PATCH", path, headers, length);
    }

    private static Map<String, String> tusHeaders(String name, String value) {
        Map<String, String> headers = new HashMap<>();
        headers.put("Authorization", "Bearer " + node.adminKey());
        headers.put("Tus-Resumable", "1.0.0");
        headers.put(name, value);
        return headers;
    }

    @ParameterizedTest
    @MethodSource("installed")
    void a_websocket_is_passed_on(Balancer.Kind kind) {
        People.Person talker = People.make(node, "talker-" + kind, 1).all().getFirst();
        try (ChatSocket socket = new ChatSocket(base(kind), talker.token())) {
            assertThat(socket.ask("\"ping\":{}")).doesNotContain("error");
        }
    }

    @ParameterizedTest
    @MethodSource("installed")
    void an_upgrade_to_another_protocol_is_not_passed_on(Balancer.Kind kind) {
        byte[] request =
                Wire.request(
                        "GET",
                        "/health/ready",
                        Map.of(
                                "Connection",
                                "Upgrade, HTTP2-Settings",
                                "Upgrade",
                                "h2c",
                                "HTTP2-Settings",
                                "AAMAAABkAAQCAAAAAAIAAAAA"),
                        new byte[0]);
        try (Wire wire = new Wire(base(kind))) {
            wire.exchange(request).require(200);
        }
        try (Wire wire = new Wire(node.base())) {
            assertThat(wire.exchange(request).status()).as("of the node itself").isEqualTo(101);
        }
    }

    private static URI base(Balancer.Kind kind) {
        return bases.getOrDefault(kind, URI.create(""));
    }
}
