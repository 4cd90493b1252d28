package dev.quintet.platform.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.quintet.platform.telemetry.TelemetryConfig.LogFormat;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class LogsTest {

    private final LoggerContext context = new LoggerContext();
    private final ListAppender<ILoggingEvent> seen = new ListAppender<>();

    private void everythingAtTrace() {
        seen.start();
        context.getLogger("ROOT").addAppender(seen);
        context.getLogger("ROOT").setLevel(Level.TRACE);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "org.apache.hc.client5.http.wire",
                "org.apache.hc.client5.http.headers",
                "org.postgresql.core.v3.QueryExecutorImpl",
                "jakarta.mail",
                "org.eclipse.angus.mail.smtp"
            })
    void a_wire_logger_stays_at_info_whatever_is_set(String name) {
        everythingAtTrace();
        Logs.guard(context);
        context.getLogger(name).setLevel(Level.TRACE);
        context.getLogger(name).debug("Authorization: Bearer swordfish");
        context.getLogger(name).trace("Authorization: Bearer swordfish");
        context.getLogger(name).info("connected");
        context.getLogger("dev.quintet.chat").trace("ours");
        assertThat(seen.list)
                .extracting(ILoggingEvent::getFormattedMessage)
                .containsExactly("connected", "ours");
    }

    @Test
    void without_the_guard_the_same_line_leaks() {
        everythingAtTrace();
        context.getLogger("org.apache.hc.client5.http.wire").debug("swordfish");
        assertThat(seen.list).hasSize(1);
    }

    @Test
    void a_real_request_of_the_http_client_leaves_no_header_in_the_log() throws Exception {
        try (var client = org.apache.hc.client5.http.impl.classic.HttpClients.createMinimal();
                var sink =
                        new java.net.ServerSocket(
                                0, 1, java.net.InetAddress.getLoopbackAddress())) {
            var shared = Logs.context();
            Logs.guard(shared);
            seen.start();
            var root = shared.getLogger("ROOT");
            var wire = shared.getLogger("org.apache.hc.client5.http");
            root.addAppender(seen);
            wire.setLevel(Level.TRACE);
            Thread answer = Thread.ofVirtual().start(() -> answerOnce(sink));
            var get =
                    new org.apache.hc.client5.http.classic.methods.HttpGet(
                            "http://127.0.0.1:" + sink.getLocalPort() + "/");
            get.setHeader("Authorization", "Bearer swordfish-on-the-wire");
            client.execute(get, response -> response.getCode());
            answer.join();
            wire.setLevel(null);
            root.detachAppender(seen);
            assertThat(List.copyOf(seen.list).toString()).doesNotContain("swordfish-on-the-wire");
        }
    }

    private static void answerOnce(java.net.ServerSocket sink) {
        try (var socket = sink.accept()) {
            var in =
                    new java.io.BufferedReader(
                            new java.io.InputStreamReader(
                                    socket.getInputStream(), StandardCharsets.US_ASCII));
            String line = in.readLine();
            while (line != null && !line.isEmpty()) {
                line = in.readLine();
            }
            socket.getOutputStream()
                    .write("HTTP/1.1 204 No Content\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        } catch (java.io.IOException broken) {
            throw new java.io.UncheckedIOException(broken);
        }
    }

    @Test
    void one_switch_makes_each_line_a_json_object_with_its_fields() {
        var event =
                new ch.qos.logback.classic.spi.LoggingEvent(
                        "test",
                        context.getLogger("dev.quintet.Room"),
                        Level.INFO,
                        "room {} is full",
                        null,
                        new Object[] {"a\"b"});
        event.setMDCPropertyMap(Map.of("request", "req-1"));
        String json =
                new String(
                        Logs.encoder(context, LogFormat.JSON).encode(event),
                        StandardCharsets.UTF_8);
        String plain =
                new String(
                        Logs.encoder(context, LogFormat.PLAIN).encode(event),
                        StandardCharsets.UTF_8);
        assertThat(json)
                .contains("\"message\":\"room a\\\"b is full\"", "\"request\":\"req-1\"")
                .endsWith("}\n");
        assertThat(plain).contains("INFO  Room req-1 room a\"b is full");
    }
}
