package dev.quintet.platform.http;

import dev.quintet.platform.DataSize;
import dev.quintet.platform.Ids;
import dev.quintet.platform.caller.Authenticator;
import dev.quintet.platform.caller.Limiter;
import dev.quintet.platform.telemetry.Traces;
import io.netty.util.internal.PlatformDependent;

/** What every exchange of every door needs around its handler. */
record Around(
        HttpConfig config,
        Outside outside,
        Authenticator authenticator,
        Permits permits,
        Backlogs backlogs,
        OpenStreams streams,
        RequestTimers timers,
        Ids ids,
        Observer observer,
        Limiter limiter,
        Traces traces) {

    /** Whose word counts: other origins' pages, and proxies that speak for clients. */
    record Outside(Origins origins, TrustedProxies proxies) {

        static Outside of(HttpConfig config) {
            return new Outside(
                    new Origins(config.corsOrigins()),
                    new TrustedProxies(config.trustedProxies(), config.forwardedHeader()));
        }
    }

    /**
     * What may wait for slow clients at all doors together.
     *
     * @param connections open connections
     * @param heads bytes that heads which are not whole may reach; they lie in the heap
     * @param requests open requests
     * @param bodies bytes of bodies that are not whole; they lie in the heap
     * @param answers bytes that are not taken; they lie in direct memory
     * @param sockets bytes of messages that are not taken by sockets that lag; a batch of each lies
     *     in direct memory
     * @param received bytes that sockets have sent and nobody has handled; what is not whole lies
     *     in direct memory
     */
    record Backlogs(
            Backlog connections,
            Backlog heads,
            Backlog requests,
            Backlog bodies,
            Backlog answers,
            Backlog sockets,
            Backlog received) {

        // The heap and the direct memory are shares of --memory; these are shares of them.
        private static final int SHARE_OF_HEAP = 8;
        private static final int SHARE_OF_DIRECT = 4;

        static Backlogs of(HttpConfig config) {
            long direct = PlatformDependent.maxDirectMemory() / SHARE_OF_DIRECT;
            return new Backlogs(
                    new Backlog(config.maxConnections()),
                    new Backlog(Runtime.getRuntime().maxMemory() / SHARE_OF_HEAP),
                    new Backlog(config.maxRequests()),
                    new Backlog(Runtime.getRuntime().maxMemory() / SHARE_OF_HEAP),
                    new Backlog(direct),
                    new Backlog(direct),
                    new Backlog(config.maxUnhandled().map(DataSize::bytes).orElse(direct)));
        }
    }
}
