package dev.quintet.platform.egress;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.hc.client5.http.DnsResolver;

/**
 * Resolves a name and refuses it unless every address is permitted. The client connects to what
 * this returns and resolves nothing itself, so a name that changes its answer gains nothing.
 *
 * <p>Lookups are native calls that would hold a virtual thread's carrier for as long as a
 * stranger's name server likes: they run on a small pool of their own.
 */
final class CheckedDns implements DnsResolver, AutoCloseable {

    private static final int THREADS = 8;
    private static final int MOST_WAITING = 256;

    /** How a name becomes addresses; the system's way outside of tests. */
    @FunctionalInterface
    interface Lookup {
        InetAddress[] resolve(String host) throws UnknownHostException;
    }

    /** A name whose address is not permitted. */
    static final class NotPermitted extends UnknownHostException {
        private static final long serialVersionUID = 1L;

        NotPermitted(String host) {
            super(host);
        }
    }

    private final Lookup lookup;
    private final PublicAddresses addresses;
    private final Duration limit;
    private final ThreadPoolExecutor pool =
            new ThreadPoolExecutor(
                    THREADS,
                    THREADS,
                    30,
                    TimeUnit.SECONDS,
                    new ArrayBlockingQueue<>(MOST_WAITING),
                    Thread.ofPlatform().daemon().name("egress-dns-", 0).factory());

    CheckedDns(Lookup lookup, PublicAddresses addresses, Duration limit) {
        this.lookup = lookup;
        this.addresses = addresses;
        this.limit = limit;
        pool.allowCoreThreadTimeOut(true);
    }

    @Override
    public InetAddress[] resolve(String host) throws UnknownHostException {
        InetAddress[] found = lookUp(host);
        for (InetAddress address : found) {
            if (!addresses.permit(address)) {
                throw new NotPermitted(host);
            }
        }
        return found;
    }

    private InetAddress[] lookUp(String host) throws UnknownHostException {
        Future<InetAddress[]> asked;
        try {
            asked = pool.submit(() -> lookup.resolve(host));
        } catch (RejectedExecutionException full) {
            throw unknown(host, full);
        }
        try {
            return asked.get(limit.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException | ExecutionException failed) {
            throw unknown(host, failed);
        } catch (InterruptedException unexpected) {
            throw new IllegalStateException("nobody interrupts here", unexpected);
        }
    }

    private static UnknownHostException unknown(String host, Exception cause) {
        UnknownHostException unknown = new UnknownHostException(host);
        unknown.initCause(cause);
        return unknown;
    }

    @Override
    public String resolveCanonicalHostname(String host) {
        return host;
    }

    @Override
    public void close() {
        pool.shutdown();
    }
}
