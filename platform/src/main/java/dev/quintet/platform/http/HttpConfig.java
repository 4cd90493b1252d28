package dev.quintet.platform.http;

import dev.quintet.platform.DataSize;
import dev.quintet.platform.config.Setting;
import java.time.Duration;
import java.util.List;

/** Every setting of the door, under {@code http}. */
public record HttpConfig(
        @Setting(value = "The address to listen on.", byDefault = "0.0.0.0") String host,
        @Setting(
                        value = "The port to listen on; 0 = any free one.",
                        byDefault = "8080",
                        min = "0",
                        max = "65535")
                int port,
        @Setting(
                        value = "The largest JSON or form body; routes that stream name their own.",
                        byDefault = "1m",
                        min = "1k",
                        max = "64m")
                DataSize maxBody,
        @Setting(
                        value = "All header fields of a request together.",
                        byDefault = "16k",
                        min = "4k",
                        max = "1m")
                DataSize maxHeaders,
        @Setting(value = "The longest request line.", byDefault = "8k", min = "1k", max = "64k")
                DataSize maxRequestLine,
        @Setting(
                        value = "A connection on which nothing moves for this long is closed.",
                        byDefault = "75s",
                        min = "1s",
                        max = "1h")
                Duration idleTimeout,
        @Setting(
                        value =
                                "A body that stands still for this long is refused, an answer that"
                                        + " is not read for this long is broken off.",
                        byDefault = "30s",
                        min = "100ms",
                        max = "1h")
                Duration bodyTimeout,
        @Setting(
                        value =
                                "A request's deadline, from its first byte to its answer; streams"
                                        + " have none.",
                        byDefault = "30s",
                        min = "100ms",
                        max = "1h")
                Duration requestTimeout,
        @Setting(
                        value = "Requests in work at once; more are answered 503.",
                        byDefault = "4096",
                        min = "1",
                        max = "1000000")
                int maxRequests,
        @Setting(
                        "Addresses or CIDR ranges whose X-Forwarded-For and X-Forwarded-Proto are"
                                + " believed.")
                List<String> trustedProxies,
        @Setting("Origins whose pages may call the API; * lets all call it, without cookies.")
                List<String> corsOrigins,
        LaneLimits lanes) {

    public HttpConfig {
        trustedProxies = List.copyOf(trustedProxies);
        corsOrigins = List.copyOf(corsOrigins);
        var _ = new TrustedProxies(trustedProxies);
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

    /** Requests of each {@link Lane} that run at once. */
    public record LaneLimits(
            @Setting(
                            value = "Requests that a person waits for.",
                            byDefault = "64",
                            min = "1",
                            max = "100000")
                    int interactive,
            @Setting(
                            value = "Requests that nobody waits for.",
                            byDefault = "16",
                            min = "1",
                            max = "100000")
                    int background,
            @Setting(
                            value =
                                    "Requests with a password; they wait for one of as many hashes as"
                                            + " there are processors.",
                            byDefault = "1024",
                            min = "1",
                            max = "100000")
                    int hash,
            @Setting(value = "Queries over analytics.", byDefault = "4", min = "1", max = "1000")
                    int queries,
            @Setting(
                            value = "Uploads, downloads and event streams.",
                            byDefault = "1024",
                            min = "1",
                            max = "1000000")
                    int streams,
            @Setting(
                            value =
                                    "The part of a lane, in percent, that one system may hold, so"
                                            + " that a busy one leaves room for the others.",
                            byDefault = "75",
                            min = "1",
                            max = "100")
                    int sharePercent,
            @Setting(
                            value = "How long a request waits for its turn before it is refused.",
                            byDefault = "2s",
                            min = "0s",
                            max = "1m")
                    Duration patience) {

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
