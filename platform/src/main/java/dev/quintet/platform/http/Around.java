package dev.quintet.platform.http;

import dev.quintet.platform.Ids;
import dev.quintet.platform.caller.Authenticator;
import dev.quintet.platform.caller.Limiter;
import dev.quintet.platform.telemetry.Traces;
import io.micrometer.core.instrument.MeterRegistry;

/** What every exchange of every door needs around its handler. */
record Around(
        HttpConfig config,
        Outside outside,
        Authenticator authenticator,
        Permits permits,
        MeterRegistry meters,
        Ids ids,
        Observer observer,
        Limiter limiter,
        Traces traces) {

    /** Whose word counts: other origins' pages, and proxies that speak for clients. */
    record Outside(Origins origins, TrustedProxies proxies) {

        static Outside of(HttpConfig config) {
            return new Outside(
                    new Origins(config.corsOrigins()), new TrustedProxies(config.trustedProxies()));
        }
    }
}
