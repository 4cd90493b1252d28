package dev.quintet.platform.http;

import static dev.quintet.platform.PlatformRefusal.BUSY;
import static dev.quintet.platform.http.HttpRefusal.TOO_MANY_STREAMS;

import dev.quintet.platform.caller.Caller;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * How many event streams are open: all together, and of one person or other caller. A stream lasts
 * as long as its client pleases, so it counts here and not among the requests in work.
 */
final class OpenStreams {

    private final int most;
    private final int mostOfOne;
    private final AtomicInteger all = new AtomicInteger();
    private final Map<String, Integer> byCaller = new ConcurrentHashMap<>();

    OpenStreams(int most, int mostOfOne) {
        this.most = most;
        this.mostOfOne = mostOfOne;
    }

    /** One more stream, until what is returned runs. */
    Runnable open(Optional<Caller> caller, String address) {
        String name = caller.map(OpenStreams::name).orElse(address);
        if (byCaller.merge(name, 1, Integer::sum) > mostOfOne) {
            closed(name);
            throw TOO_MANY_STREAMS.because(mostOfOne).with("limit", mostOfOne);
        }
        if (all.incrementAndGet() > most) {
            all.decrementAndGet();
            closed(name);
            throw BUSY.because("the server").retryAfter(Duration.ofSeconds(1));
        }
        return () -> {
            all.decrementAndGet();
            closed(name);
        };
    }

    private void closed(String name) {
        byCaller.computeIfPresent(name, (_, count) -> count == 1 ? null : count - 1);
    }

    private static String name(Caller caller) {
        return caller.person().map(Object::toString).orElse(caller.credential());
    }
}
