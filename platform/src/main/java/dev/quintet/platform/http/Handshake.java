package dev.quintet.platform.http;

import static dev.quintet.platform.http.HttpRefusal.UPGRADE_REQUIRED;

import dev.quintet.platform.Refused;
import io.vertx.core.http.HttpVersion;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.Locale;
import java.util.Optional;

/** The opening handshake of a WebSocket (RFC 6455 section 4.2). */
final class Handshake {

    private static final String MAGIC = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    private static final String PROTOCOL = "Sec-WebSocket-Protocol";

    private Handshake() {}

    /** Refuses a request that does not ask for a WebSocket. */
    static void check(Head head, HttpVersion version) {
        if (version != HttpVersion.HTTP_1_1
                || !has(head, "upgrade", "websocket")
                || !has(head, "connection", "upgrade")
                || !head.header("sec-websocket-version").orElse("").equals("13")
                || !validKey(head.header("sec-websocket-key").orElse(""))) {
            throw refused();
        }
    }

    static Response answer(Head head, Route.Action.Open open) {
        Response answer =
                Response.empty(101)
                        .header("Upgrade", "websocket")
                        .header("Connection", "Upgrade")
                        .header(
                                "Sec-WebSocket-Accept",
                                accept(head.header("sec-websocket-key").orElseThrow()))
                        .header("X-Request-Id", head.requestId());
        Optional<String> protocol = protocol(head, open);
        return protocol.isPresent() ? answer.header(PROTOCOL, protocol.get()) : answer;
    }

    static void finish(
            Takeover.Taken engine,
            Head head,
            RouteTable.Match match,
            Response answer,
            Listener listener) {
        if (match.route().action() instanceof Route.Action.Open open) {
            LiveSocket.Terms terms =
                    new LiveSocket.Terms(
                            answer.header(PROTOCOL),
                            open.maxFirst().bytes(),
                            open.maxMessage().bytes(),
                            open.maxQueued().bytes());
            Takeover.of(engine, answer, terms, head.requestId(), listener);
        }
    }

    /** The client's first wish that is spoken here. */
    private static Optional<String> protocol(Head head, Route.Action.Open open) {
        return Arrays.stream(head.header(PROTOCOL).orElse("").split(",", -1))
                .map(String::strip)
                .filter(open.protocols()::contains)
                .findFirst();
    }

    private static boolean has(Head head, String header, String word) {
        return Arrays.stream(head.header(header).orElse("").split(",", -1))
                .anyMatch(each -> each.strip().toLowerCase(Locale.ROOT).equals(word));
    }

    private static boolean validKey(String key) {
        try {
            return Base64.getDecoder().decode(key).length == 16;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static Refused refused() {
        return UPGRADE_REQUIRED
                .because()
                .header("Upgrade", "websocket")
                .header("Sec-WebSocket-Version", "13");
    }

    private static String accept(String key) {
        try {
            byte[] hash =
                    MessageDigest.getInstance("SHA-1")
                            .digest((key + MAGIC).getBytes(StandardCharsets.US_ASCII));
            return Base64.getEncoder().encodeToString(hash);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-1", e);
        }
    }
}
