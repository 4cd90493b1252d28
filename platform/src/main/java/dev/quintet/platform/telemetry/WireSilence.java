package dev.quintet.platform.telemetry;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.turbo.TurboFilter;
import ch.qos.logback.core.spi.FilterReply;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Marker;

/**
 * Keeps loggers that print what goes over the wire (passwords, tokens, bodies) at INFO, whatever
 * level anybody sets, and the one quiet by which the HTTP engine calls what strangers send an error
 * of ours.
 */
public final class WireSilence extends TurboFilter {

    private static final List<String> WIRES =
            List.of(
                    "org.apache.hc.",
                    "org.apache.http.",
                    "org.postgresql",
                    "com.zaxxer.hikari.HikariConfig",
                    "jakarta.mail",
                    "org.eclipse.angus",
                    "jdk.httpclient",
                    "jdk.internal.httpclient",
                    "jdk.event.security",
                    "sun.net.www.protocol.http",
                    "io.netty.handler",
                    "io.netty.channel",
                    "software.amazon.awssdk");

    private static final String STRANGERS = "io.vertx.core.net.impl.ConnectionBase";

    @Override
    public FilterReply decide(
            @Nullable Marker marker,
            Logger logger,
            Level level,
            @Nullable String format,
            Object @Nullable [] params,
            @Nullable Throwable thrown) {
        String name = logger.getName();
        return name.equals(STRANGERS) || (level.levelInt < Level.INFO_INT && isWire(name))
                ? FilterReply.DENY
                : FilterReply.NEUTRAL;
    }

    private static boolean isWire(String logger) {
        for (String wire : WIRES) {
            if (logger.startsWith(wire)) {
                return true;
            }
        }
        return false;
    }
}
