package dev.quintet.platform.http;

import dev.quintet.platform.DataSize;
import dev.quintet.platform.config.Setting;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

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
                                "A request's head must be whole this long after its first byte, the"
                                        + " first one of a connection this long after its start.",
                        byDefault = "10s",
                        min = "100ms",
                        max = "1h")
                Duration headTimeout,
        @Setting(
                        value =
                                "Connections open at once, without WebSockets; for one more, the one"
                                        + " that has sent no request for longest is closed.",
                        byDefault = "100000",
                        min = "1",
                        max = "10000000")
                int maxConnections,
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
                                "The least that a body brings a second, on average, once its client"
                                        + " was waited for as long as http.bodyTimeout.",
                        byDefault = "1k",
                        min = "1",
                        max = "1m")
                DataSize minBodyRate,
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
                        value =
                                "How much of its answers the kernel keeps for a connection that does"
                                        + " not read; unset, the kernel's own measure, up to"
                                        + " megabytes.",
                        min = "16k",
                        max = "1g")
                Optional<DataSize> sendBuffer,
        @Setting(
                        value =
                                "What all WebSockets together have sent and nobody has handled yet;"
                                        + " above it the slowest is cut; unset, a quarter of the direct"
                                        + " memory.",
                        min = "64k",
                        max = "64g")
                Optional<DataSize> maxUnhandled,
        @Setting(
                        value = "Server-sent event streams open at once; each holds two threads.",
                        byDefault = "10000",
                        min = "1",
                        max = "1000000")
                int maxEventStreams,
        @Setting(
                        value =
                                "Event streams of one person, or of one caller that is none, open"
                                        + " at once.",
                        byDefault = "100",
                        min = "1",
                        max = "1000000")
                int maxEventStreamsOfOne,
        @Setting(
                        value =
                                "Whether HTTP/2 without TLS is spoken with clients that begin with it, such as"
                                        + " a proxy in front (h2c by prior knowledge). A client that asks"
                                        + " HTTP/1.1 for an upgrade to it is then cut off; otherwise it"
                                        + " stays with HTTP/1.1.",
                        byDefault = "false")
                boolean h2c,
        @Setting(
                        "How long the server serves on after SIGTERM, with its readiness at 503, so"
                                + " that balancers turn away first; unset, 5 s where 'url' is set and"
                                + " none elsewhere.")
                Optional<Duration> drainDelay,
        @Setting(
                        "Addresses or CIDR ranges of proxies whose word of the client's address and"
                                + " scheme is believed.")
                List<String> trustedProxies,
        @Setting(
                        value =
                                "Which header the trusted proxies write; the other one is the client's"
                                        + " own word and is not read.",
                        byDefault = "x-forwarded-for")
                ForwardedHeader forwardedHeader,
        @Setting("Origins whose pages may call the API; * lets all call it, without cookies.")
                List<String> corsOrigins,
        LaneLimits lanes) {

    public HttpConfig {
        trustedProxies = List.copyOf(trustedProxies);
        corsOrigins = List.copyOf(corsOrigins);
        var _ = new TrustedProxies(trustedProxies, forwardedHeader);
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
                headTimeout,
                maxConnections,
                bodyTimeout,
                minBodyRate,
                requestTimeout,
                maxRequests,
                sendBuffer,
                maxUnhandled,
                maxEventStreams,
                maxEventStreamsOfOne,
                h2c,
                drainDelay,
                trustedProxies,
                forwardedHeader,
                corsOrigins,
                lanes);
    }

    /** How proxies say for whom they speak. */
    public enum ForwardedHeader {
        /** {@code X-Forwarded-For} and {@code X-Forwarded-Proto}. */
        X_FORWARDED_FOR,
        /** RFC 7239. */
        FORWARDED
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
                            value =
                                    "Uploads; one caller holds at most"
                                            + " an eighth of them (16 at least), one organisation"
                                            + " half.",
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
