package dev.quintet.platform.telemetry;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.encoder.Encoder;
import java.util.List;
import java.util.logging.LogManager;
import net.logstash.logback.encoder.LogstashEncoder;
import org.slf4j.LoggerFactory;
import org.slf4j.bridge.SLF4JBridgeHandler;

/**
 * Sets Logback up in code, so that no file on the class path can undo the guard over {@link
 * WireSilence wire loggers}. {@code java.util.logging} (pgjdbc, mail, the JDK) ends up here too.
 */
public final class Logs {

    private static final String PLAIN =
            "%d{HH:mm:ss.SSS} %-5level %logger{0}%replace( %X{request}){'^ $', ''} %msg%n";

    // Libraries that tell at INFO what is no news to whoever runs the server.
    private static final List<String> TALKATIVE =
            List.of("org.apache.iceberg", "org.flywaydb", "com.zaxxer.hikari");

    private Logs() {}

    /** Standard output stays free for what a command prints. */
    public static void start(TelemetryConfig config) {
        LoggerContext context = context();
        context.reset();
        guard(context);
        ConsoleAppender<ILoggingEvent> stderr = new ConsoleAppender<>();
        stderr.setName("stderr");
        stderr.setContext(context);
        stderr.setTarget("System.err");
        stderr.setEncoder(encoder(context, config.logFormat()));
        stderr.start();
        LossyAppender appender = new LossyAppender();
        appender.setContext(context);
        appender.addAppender(stderr);
        appender.start();
        var root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        root.addAppender(appender);
        root.setLevel(level(config.logLevel()));
        TALKATIVE.forEach(name -> context.getLogger(name).setLevel(Level.WARN));
        config.logLevels().forEach((name, level) -> context.getLogger(name).setLevel(level(level)));
        bridge();
    }

    /**
     * Writes out what still waits, for at most a second; the last thing before the process ends.
     */
    public static synchronized void stop() {
        context().stop();
    }

    /** Lines since the start that were not written because nobody read them. */
    public static long dropped() {
        return LossyAppender.dropped();
    }

    /** Puts the guard over a context that something else has set up, e.g. a test's. */
    public static void guard(LoggerContext context) {
        WireSilence silence = new WireSilence();
        silence.setContext(context);
        silence.start();
        context.addTurboFilter(silence);
    }

    private static void bridge() {
        LogManager.getLogManager().reset();
        SLF4JBridgeHandler.removeHandlersForRootLogger();
        SLF4JBridgeHandler.install();
    }

    static LoggerContext context() {
        return (LoggerContext) LoggerFactory.getILoggerFactory();
    }

    static Encoder<ILoggingEvent> encoder(LoggerContext context, TelemetryConfig.LogFormat format) {
        return switch (format) {
            case PLAIN -> {
                PatternLayoutEncoder plain = new PatternLayoutEncoder();
                plain.setContext(context);
                plain.setPattern(PLAIN);
                plain.start();
                yield plain;
            }
            case JSON -> {
                LogstashEncoder json = new LogstashEncoder();
                json.setContext(context);
                json.start();
                yield json;
            }
        };
    }

    private static Level level(TelemetryConfig.LogLevel level) {
        return Level.toLevel(level.name());
    }
}
