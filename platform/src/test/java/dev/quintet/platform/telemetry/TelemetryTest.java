package dev.quintet.platform.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.quintet.platform.config.Settings;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.slf4j.MDC;

final class TelemetryTest {

    private static final String PARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    @Test
    void the_scrape_holds_the_jvm_and_every_meter_of_ours() {
        try (Metrics metrics = new Metrics()) {
            metrics.registry().counter("quintet.things", "kind", "good").increment();
            assertThat(metrics.scrape())
                    .contains("jvm_memory_used_bytes", "quintet_things_total{kind=\"good\"} 1.0");
        }
    }

    @Test
    void ready_needs_every_check_and_ends_for_good_with_draining() {
        Health health = new Health();
        boolean[] up = {true};
        health.require("database", () -> up[0] ? Optional.empty() : Optional.of("no answer"));
        assertThat(health.ready().checks()).containsEntry("server", "starting");
        assertThat(health.ready().ready()).isFalse();
        int[] first = {0};
        health.atFirst(() -> first[0]++);
        up[0] = false;
        health.started();
        assertThat(first[0]).as("not ready yet").isZero();
        up[0] = true;
        assertThat(health.ready().ready()).isTrue();
        assertThat(health.ready().ready()).isTrue();
        assertThat(first[0]).as("told once").isEqualTo(1);
        up[0] = false;
        assertThat(health.ready())
                .isEqualTo(
                        new Health.Report(false, Map.of("server", "ok", "database", "no answer")));
        up[0] = true;
        health.drain();
        assertThat(health.ready().ready()).isFalse();
        health.started();
        assertThat(health.ready().checks()).containsEntry("server", "draining");
    }

    @Test
    void a_check_that_throws_is_a_check_that_fails() {
        Health health = new Health();
        health.started();
        health.require(
                "database",
                () -> {
                    throw new IllegalStateException("password=swordfish");
                });
        assertThat(health.ready().ready()).isFalse();
        assertThat(health.ready().toString()).doesNotContain("swordfish");
    }

    @Test
    void nothing_is_traced_by_default_but_a_callers_trace_still_names_the_log_lines() {
        try (Traces traces = Traces.of(Settings.defaults(TelemetryConfig.class))) {
            try (Traces.Step step = traces.request("req-1", Optional.of(PARENT))) {
                assertThat(MDC.get("trace")).isEqualTo("4bf92f3577b34da6a3ce929d0e0e4736");
                assertThat(MDC.get("request")).isEqualTo("req-1");
                step.answered("GET /x", 200);
            }
            assertThat(MDC.get("request")).isNull();
            try (Traces.Step step = traces.request("req-2", Optional.of("00-junk"))) {
                assertThat(MDC.get("trace")).isNull();
                step.answered("GET /x", 200);
            }
        }
    }

    @Test
    void spans_reach_a_collector_over_otlp() throws Exception {
        HttpServer collector =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        CompletableFuture<byte[]> received = new CompletableFuture<>();
        collector.createContext(
                "/v1/traces",
                exchange -> {
                    received.complete(exchange.getRequestBody().readAllBytes());
                    exchange.sendResponseHeaders(200, -1);
                    exchange.close();
                });
        collector.start();
        try {
            TelemetryConfig config =
                    new Settings<>(TelemetryConfig.class, java.util.List.of())
                            .load(
                                    "",
                                    Map.of(),
                                    Map.of(
                                            "otlpUrl",
                                            "http://127.0.0.1:"
                                                    + collector.getAddress().getPort()
                                                    + "/v1/traces"));
            try (Traces traces = Traces.of(config);
                    Traces.Step request = traces.request("r", Optional.of(PARENT))) {
                request.answered("POST /things", 201);
            }
            String sent =
                    new String(
                            received.get(10, TimeUnit.SECONDS),
                            java.nio.charset.StandardCharsets.ISO_8859_1);
            assertThat(sent).contains("quintet", "POST /things", "http.response.status_code");
        } finally {
            collector.stop(0);
        }
    }
}
