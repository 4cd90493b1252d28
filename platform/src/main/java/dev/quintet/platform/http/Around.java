package dev.quintet.platform.http;

import dev.quintet.platform.Ids;
import dev.quintet.platform.caller.Authenticator;
import dev.quintet.platform.caller.Limiter;
import io.micrometer.core.instrument.MeterRegistry;

/** What every exchange of every door needs around its handler. */
record Around(
        HttpConfig config,
        Origins origins,
        TrustedProxies proxies,
        Authenticator authenticator,
        Permits permits,
        MeterRegistry meters,
        Ids ids,
        Observer observer,
        Limiter limiter) {}
