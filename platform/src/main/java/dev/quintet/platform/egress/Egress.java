package dev.quintet.platform.egress;

import static dev.quintet.platform.egress.EgressRefusal.EGRESS_BUSY;
import static dev.quintet.platform.egress.EgressRefusal.REMOTE_REDIRECTS;
import static dev.quintet.platform.egress.EgressRefusal.REMOTE_TOO_LARGE;
import static dev.quintet.platform.egress.EgressRefusal.REMOTE_TOO_SLOW;
import static dev.quintet.platform.egress.EgressRefusal.REMOTE_UNREACHABLE;
import static dev.quintet.platform.egress.EgressRefusal.URL_ADDRESS_REFUSED;
import static dev.quintet.platform.egress.EgressRefusal.URL_HOST_UNKNOWN;

import dev.quintet.platform.Deadline;
import dev.quintet.platform.Refused;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.ssl.DefaultClientTlsStrategy;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.ConnectionRequestTimeoutException;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;

/**
 * Sends requests to addresses that users give, and to nothing else: no proxy, cookie or password
 * from the surroundings, no address that is not public or allowed, no answer past its size or time.
 * Blocking; any number of virtual threads may use it.
 */
public final class Egress implements AutoCloseable {

    private static final int MOST_REDIRECTS = 3;
    private static final int SOME = 4 * 1024;
    private static final Duration BODY_WAIT = Duration.ofSeconds(1);
    private static final Set<Integer> REDIRECTS = Set.of(301, 302, 303, 307, 308);

    private final EgressConfig config;
    private final CheckedDns dns;
    private final CloseableHttpClient client;
    // Ends requests whose time is over by closing their socket.
    private final ScheduledThreadPoolExecutor clock;

    public Egress(EgressConfig config) {
        this(config, InetAddress::getAllByName, defaultTls());
    }

    Egress(EgressConfig config, CheckedDns.Lookup lookup, SSLContext tls) {
        this.config = config;
        this.dns =
                new CheckedDns(
                        lookup, new PublicAddresses(config.allow()), config.connectTimeout());
        this.client = client(config, dns, tls);
        this.clock =
                new ScheduledThreadPoolExecutor(
                        1, Thread.ofPlatform().daemon().name("egress-clock").factory());
        clock.setRemoveOnCancelPolicy(true);
    }

    private static SSLContext defaultTls() {
        try {
            return SSLContext.getDefault();
        } catch (java.security.NoSuchAlgorithmException missing) {
            throw new IllegalStateException("this JDK has no TLS", missing);
        }
    }

    private static CloseableHttpClient client(EgressConfig config, CheckedDns dns, SSLContext tls) {
        Timeout connect = Timeout.of(config.connectTimeout());
        var connections =
                PoolingHttpClientConnectionManagerBuilder.create()
                        .setDnsResolver(dns)
                        .setTlsSocketStrategy(new DefaultClientTlsStrategy(tls))
                        .setMaxConnTotal(config.connections())
                        .setMaxConnPerRoute(config.connectionsPerHost())
                        .setDefaultConnectionConfig(
                                ConnectionConfig.custom()
                                        .setConnectTimeout(connect)
                                        .setSocketTimeout(Timeout.of(config.timeout()))
                                        .setTimeToLive(TimeValue.ofMinutes(1))
                                        .build())
                        .build();
        return HttpClients.custom()
                .setConnectionManager(connections)
                .setDefaultRequestConfig(
                        RequestConfig.custom()
                                .setConnectionRequestTimeout(connect)
                                .setProtocolUpgradeEnabled(false)
                                .build())
                .setUserAgent("quintet")
                .evictExpiredConnections()
                .evictIdleConnections(TimeValue.ofSeconds(30))
                .disableRedirectHandling()
                .disableCookieManagement()
                .disableAuthCaching()
                .disableAutomaticRetries()
                .disableContentCompression()
                .build();
    }

    /** Refuses what could never be fetched, e.g. when somebody registers a webhook. */
    public void requireFetchable(URI url) {
        FetchableUrl.require(url);
    }

    /** Sends and reads the whole answer; throws {@link EgressRefusal}s, never an IOException. */
    public EgressResponse send(EgressRequest request) {
        Deadline deadline = Deadline.in(config.timeout());
        EgressRequest next = request;
        for (int hop = 0; hop <= MOST_REDIRECTS; hop++) {
            FetchableUrl.require(next.url());
            EgressResponse response = once(next, deadline, this::readWhole);
            Optional<URI> target = redirect(next, response);
            if (target.isEmpty()) {
                return response;
            }
            next = redirected(next, target.get());
        }
        throw REMOTE_REDIRECTS.because(request.url().getHost(), MOST_REDIRECTS);
    }

    /**
     * Sends once and takes status and headers for the answer, whatever becomes of the body: of it
     * comes what there is soon, 4 KiB at most. For receivers whose status line decides.
     */
    public EgressResponse sendForStatus(EgressRequest request) {
        FetchableUrl.require(request.url());
        return once(request, Deadline.in(config.timeout()), this::readSome);
    }

    private static Optional<URI> redirect(EgressRequest request, EgressResponse response) {
        boolean follows = request.method().equals("GET") || request.method().equals("HEAD");
        if (!follows || !REDIRECTS.contains(response.status())) {
            return Optional.empty();
        }
        try {
            return response.header("location").map(request.url()::resolve);
        } catch (IllegalArgumentException notAUrl) {
            throw REMOTE_REDIRECTS.because(request.url().getHost(), MOST_REDIRECTS);
        }
    }

    /** Another origin gets none of the headers: any of them may be a credential. */
    private static EgressRequest redirected(EgressRequest from, URI to) {
        boolean sameOrigin =
                from.url().getScheme().equalsIgnoreCase(to.getScheme())
                        && String.valueOf(from.url().getRawAuthority())
                                .equalsIgnoreCase(to.getRawAuthority());
        if ("https".equalsIgnoreCase(from.url().getScheme())
                && !"https".equalsIgnoreCase(to.getScheme())) {
            throw REMOTE_REDIRECTS.because(from.url().getHost(), MOST_REDIRECTS);
        }
        return new EgressRequest(
                from.method(), to, sameOrigin ? from.headers() : Map.of(), from.body());
    }

    private interface Reading {
        EgressResponse read(
                EgressRequest request, HttpUriRequestBase sent, ClassicHttpResponse response)
                throws IOException;
    }

    private EgressResponse once(EgressRequest request, Deadline deadline, Reading reading) {
        HttpUriRequestBase sent = new HttpUriRequestBase(request.method(), request.url());
        request.headers().forEach(sent::setHeader);
        request.body()
                .ifPresent(body ->
                        sent.setEntity(
                                new ByteArrayEntity(
                                        body,
                                        request.headers().keySet().stream()
                                                        .anyMatch("Content-Type"::equalsIgnoreCase)
                                                ? null
                                                : ContentType.APPLICATION_OCTET_STREAM)));
        Future<?> alarm =
                clock.schedule(sent::cancel, deadline.left().toNanos(), TimeUnit.NANOSECONDS);
        try {
            return client.execute(sent, response -> reading.read(request, sent, response));
        } catch (IOException failed) {
            throw refusal(request, deadline, failed);
        } finally {
            alarm.cancel(false);
        }
    }

    private EgressResponse readWhole(
            EgressRequest request, HttpUriRequestBase sent, ClassicHttpResponse response)
            throws IOException {
        Map<String, List<String>> headers = headers(response);
        var entity = response.getEntity();
        if (entity == null) {
            return new EgressResponse(response.getCode(), headers, new byte[0]);
        }
        int most = Math.toIntExact(config.maxBody().bytes());
        try (InputStream content = entity.getContent()) {
            byte[] body = content.readNBytes(most + 1);
            if (body.length > most) {
                // Closing the stream would first read the rest of it, however long that is.
                sent.cancel();
                throw REMOTE_TOO_LARGE.because(request.url().getHost(), config.maxBody());
            }
            return new EgressResponse(response.getCode(), headers, body);
        }
    }

    private EgressResponse readSome(
            EgressRequest request, HttpUriRequestBase sent, ClassicHttpResponse response) {
        Future<?> enough = clock.schedule(sent::cancel, BODY_WAIT.toNanos(), TimeUnit.NANOSECONDS);
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        boolean ended = false;
        try {
            InputStream content =
                    response.getEntity() == null
                            ? InputStream.nullInputStream()
                            : response.getEntity().getContent();
            byte[] buffer = new byte[1024];
            while (!ended && body.size() < SOME) {
                int read = content.read(buffer, 0, Math.min(buffer.length, SOME - body.size()));
                ended = read < 0;
                body.write(buffer, 0, Math.max(0, read));
            }
        } catch (IOException brokenOff) {
            ended = false;
        } finally {
            enough.cancel(false);
        }
        if (!ended) {
            // Its rest is left unread, so that nobody else may use the connection; and the client
            // must not read it either.
            sent.cancel();
            response.setEntity(null);
        }
        return new EgressResponse(response.getCode(), headers(response), body.toByteArray());
    }

    private static Map<String, List<String>> headers(ClassicHttpResponse response) {
        Map<String, List<String>> headers = new LinkedHashMap<>();
        for (Header header : response.getHeaders()) {
            headers.computeIfAbsent(
                            header.getName().toLowerCase(Locale.ROOT), name -> new ArrayList<>())
                    .add(String.valueOf(header.getValue()));
        }
        return headers;
    }

    private Refused refusal(EgressRequest request, Deadline deadline, IOException failed) {
        String host = request.url().getHost();
        if (deadline.passed()) {
            return REMOTE_TOO_SLOW.because(host, config.timeout());
        }
        return switch (failed) {
            case CheckedDns.NotPermitted notPermitted -> URL_ADDRESS_REFUSED.because(host);
            case UnknownHostException unknown -> URL_HOST_UNKNOWN.because(host);
            case ConnectionRequestTimeoutException full -> EGRESS_BUSY.because();
            case SSLException tls ->
                    REMOTE_UNREACHABLE.because(
                            host, "its TLS certificate or protocol is not accepted");
            case SocketTimeoutException slow ->
                    REMOTE_UNREACHABLE.because(host, "it did not accept the connection in time");
            default -> REMOTE_UNREACHABLE.because(host, "the connection was refused or broke");
        };
    }

    @Override
    public void close() {
        clock.shutdownNow();
        dns.close();
        client.close(org.apache.hc.core5.io.CloseMode.IMMEDIATE);
    }
}
