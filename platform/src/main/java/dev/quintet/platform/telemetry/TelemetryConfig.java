package dev.quintet.platform.telemetry;

import dev.quintet.platform.config.Setting;
import java.net.URI;
import java.util.Map;
import java.util.Optional;

/** How the server logs, and where its traces go. */
public record TelemetryConfig(
        @Setting(
                        value =
                                "How log lines look on standard error: for people, or one JSON object a line.",
                        byDefault = "plain")
                LogFormat logFormat,
        @Setting(value = "The least level that is logged.", byDefault = "info") LogLevel logLevel,
        @Setting("Other levels by logger, e.g. {dev.quintet.chat: debug}.")
                Map<String, LogLevel> logLevels,
        @Setting(
                        "OTLP/HTTP address of a trace collector, e.g. http://127.0.0.1:4318/v1/traces; unset, nothing is traced.")
                Optional<URI> otlpUrl,
        @Setting(
                        value =
                                "Share of requests that are traced when the client did not decide, in percent.",
                        byDefault = "100",
                        min = "0",
                        max = "100")
                int tracedPercent) {

    /** For people, or for machines. */
    public enum LogFormat {
        PLAIN,
        JSON
    }

    /** SLF4J's levels. */
    public enum LogLevel {
        TRACE,
        DEBUG,
        INFO,
        WARN,
        ERROR,
        OFF
    }
}
