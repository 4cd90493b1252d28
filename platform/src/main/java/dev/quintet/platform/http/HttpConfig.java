package dev.quintet.platform.http;

import dev.quintet.platform.DataSize;
import java.time.Duration;
import java.util.List;

/**
 * Every setting of the door, under {@code http} in the configuration.
 *
 * @param host the address to listen on
 * @param port the port to listen on; 0 takes any free one
 * @param maxBody largest JSON or form body; streaming routes name their own limit
 * @param maxHeaders largest sum of all header fields of a request
 * @param maxRequestLine longest request line
 * @param idleTimeout a connection on which nothing moves for this long is closed; a WebSocket is
 *     pinged by its own endpoint
 * @param bodyTimeout a body that stands still for this long is refused
 * @param requestTimeout the deadline of a request, from its first byte to its answer; streams have
 *     none
 * @param maxRequests requests in work at once; more are answered 503
 * @param trustedProxies addresses or CIDR ranges whose {@code X-Forwarded-For} and {@code
 *     X-Forwarded-Proto} are believed
 * @param corsOrigins origins whose pages may call the API; {@code *} lets all call it without
 *     cookies
 * @param lanes how much of each class of work runs at once
 */
public record HttpConfig(
        String host,
        int port,
        DataSize maxBody,
        DataSize maxHeaders,
        DataSize maxRequestLine,
        Duration idleTimeout,
        Duration bodyTimeout,
        Duration requestTimeout,
        int maxRequests,
        List<String> trustedProxies,
        List<String> corsOrigins,
        LaneLimits lanes) {

    public static final HttpConfig DEFAULT =
            new HttpConfig(
                    "0.0.0.0",
                    8080,
                    DataSize.mebibytes(1),
                    DataSize.kibibytes(16),
                    DataSize.kibibytes(8),
                    Duration.ofSeconds(75),
                    Duration.ofSeconds(30),
                    Duration.ofSeconds(30),
                    4096,
                    List.of(),
                    List.of(),
                    LaneLimits.DEFAULT);

    public HttpConfig {
        if (port < 0 || port > 65535) {
            throw new IllegalArgumentException("http.port must be 0 to 65535, got " + port);
        }
        if (maxRequests < 1) {
            throw new IllegalArgumentException("http.maxRequests must be at least 1");
        }
        trustedProxies = List.copyOf(trustedProxies);
        corsOrigins = List.copyOf(corsOrigins);
    }

    /** The same with another address, for a second door and for tests. */
    public HttpConfig at(String otherHost, int otherPort) {
        return new HttpConfig(
                otherHost,
                otherPort,
                maxBody,
                maxHeaders,
                maxRequestLine,
                idleTimeout,
                bodyTimeout,
                requestTimeout,
                maxRequests,
                trustedProxies,
                corsOrigins,
                lanes);
    }

    /**
     * Requests of each {@link Lane} that run at once, and what part of a lane one system may hold.
     *
     * @param sharePercent the part of a lane that one system may hold, so that one busy system
     *     leaves room for the others
     * @param patience how long a request waits for its permit before it is refused
     */
    public record LaneLimits(
            int interactive,
            int background,
            int hash,
            int queries,
            int streams,
            int sharePercent,
            Duration patience) {

        public static final LaneLimits DEFAULT =
                new LaneLimits(64, 16, 4, 4, 1024, 75, Duration.ofSeconds(2));

        public LaneLimits {
            if (interactive < 1 || background < 1 || hash < 1 || queries < 1 || streams < 1) {
                throw new IllegalArgumentException("each of http.lanes must be at least 1");
            }
            if (sharePercent < 1 || sharePercent > 100) {
                throw new IllegalArgumentException("http.lanes.sharePercent must be 1 to 100");
            }
        }

        int of(Lane lane) {
            return switch (lane) {
                case INTERACTIVE -> interactive;
                case BACKGROUND -> background;
                case HASH -> hash;
                case QUERIES -> queries;
                case STREAMS -> streams;
            };
        }
    }
}
