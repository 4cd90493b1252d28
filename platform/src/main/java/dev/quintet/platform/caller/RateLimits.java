package dev.quintet.platform.caller;

import static dev.quintet.platform.caller.CallerRefusal.TOO_MANY_REQUESTS;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;
import dev.quintet.platform.Refused;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.ConsumptionProbe;
import io.github.bucket4j.EstimationProbe;
import io.github.bucket4j.TimeMeter;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.function.LongSupplier;

/**
 * How many requests one credential or address may make in a minute, as token buckets on this node
 * alone. What is refused says when to come back, also in {@code RateLimit} and {@code
 * RateLimit-Policy} (draft-ietf-httpapi-ratelimit-headers-10).
 */
public final class RateLimits implements Limiter {

    /** What is counted apart from other things. */
    public enum Kind {
        CALLER("for this credential"),
        ADDRESS("without a credential from this address"),
        SIGN_IN("to sign in from this address"),
        WRONG_SECRET("with a wrong secret");

        private final String words;

        Kind(String words) {
            this.words = words;
        }
    }

    private record Who(Kind kind, String name) {}

    private static final Duration WINDOW = Duration.ofMinutes(1);
    private static final Duration PROVEN = Duration.ofDays(1);

    private final LimitsConfig config;
    private final TimeMeter clock;
    private final LoadingCache<Who, Bucket> buckets;

    // A client as seen from one network, once its secret was right.
    private final Cache<String, Boolean> proven;

    /**
     * @param nanos the monotonic clock
     */
    public RateLimits(LimitsConfig config, LongSupplier nanos) {
        this.config = config;
        this.clock =
                new TimeMeter() {
                    @Override
                    public long currentTimeNanos() {
                        return nanos.getAsLong();
                    }

                    @Override
                    public boolean isWallClockBased() {
                        return false;
                    }
                };
        // After a whole window untouched a bucket is full again, so forgetting it changes nothing.
        this.buckets =
                Caffeine.newBuilder()
                        .maximumSize(config.remembered())
                        .expireAfterAccess(WINDOW)
                        .ticker(nanos::getAsLong)
                        .build(who -> bucket(who.kind()));
        this.proven =
                Caffeine.newBuilder()
                        .maximumSize(config.remembered())
                        .expireAfterWrite(PROVEN)
                        .ticker(nanos::getAsLong)
                        .build();
    }

    @Override
    public void admit(Optional<Caller> caller, String address) {
        if (caller.isPresent()) {
            require(caller.get().organisation(), caller.get().credential());
        } else {
            require(Kind.ADDRESS, network(address));
        }
    }

    @Override
    public void proven(String address, UUID organisation, String credential) {
        if (config.enabled()) {
            buckets.get(new Who(Kind.ADDRESS, network(address))).addTokens(1);
        }
        require(organisation, credential);
    }

    private void require(UUID organisation, String credential) {
        require(Kind.CALLER, organisation + " " + credential);
    }

    /** For a sign-in page or endpoint, before any password is looked at. */
    public void admitSignIn(String address) {
        require(Kind.SIGN_IN, network(address));
    }

    /**
     * Before a client's secret is looked at: refuses where too many wrong ones came from. What
     * proved itself there before is counted by itself, so a neighbour's wrong ones do not lock it
     * out; all others of an address are counted together.
     */
    public void admitSecret(String address, String client) {
        if (!config.enabled()) {
            return;
        }
        Who who = secretOf(address, client);
        EstimationProbe probe = buckets.get(who).estimateAbilityToConsume(1);
        if (!probe.canBeConsumed()) {
            throw refusal(who.kind(), probe.getNanosToWaitForRefill());
        }
    }

    /** Counts it; of a hundred at once those beyond the limit hear no more than that. */
    public void wrongSecret(String address, String client) {
        require(secretOf(address, client));
    }

    public void rightSecret(String address, String client) {
        proven.put(network(address) + ' ' + client, true);
    }

    private Who secretOf(String address, String client) {
        String own = network(address) + ' ' + client;
        boolean known = proven.getIfPresent(own) != null;
        return new Who(Kind.WRONG_SECRET, known ? own : network(address));
    }

    private void require(Kind kind, String name) {
        require(new Who(kind, name));
    }

    private void require(Who who) {
        if (!config.enabled()) {
            return;
        }
        ConsumptionProbe probe = buckets.get(who).tryConsumeAndReturnRemaining(1);
        if (!probe.isConsumed()) {
            throw refusal(who.kind(), probe.getNanosToWaitForRefill());
        }
    }

    private Refused refusal(Kind kind, long nanos) {
        long limit = limit(kind);
        Duration wait = Duration.ofNanos(nanos);
        long seconds = Math.max(1, wait.plusMillis(999).toSeconds());
        String policy = kind.name().toLowerCase(Locale.ROOT).replace('_', '-');
        return TOO_MANY_REQUESTS
                .because(limit, kind.words, seconds)
                .retryAfter(wait)
                .header(
                        "RateLimit-Policy",
                        "\"%s\";q=%d;w=%d".formatted(policy, limit, WINDOW.toSeconds()))
                .header("RateLimit", "\"%s\";r=0;t=%d".formatted(policy, seconds));
    }

    private Bucket bucket(Kind kind) {
        long limit = limit(kind);
        return Bucket.builder()
                .addLimit(bandwidth -> bandwidth.capacity(limit).refillGreedy(limit, WINDOW))
                .withCustomTimePrecision(clock)
                .build();
    }

    private int limit(Kind kind) {
        return switch (kind) {
            case CALLER -> config.perCaller();
            case ADDRESS -> config.perAddress();
            case SIGN_IN, WRONG_SECRET -> config.signIn();
        };
    }

    /** Whoever has one IPv6 address has all 2^64 of its network. */
    private static String network(String address) {
        if (address.indexOf(':') < 0) {
            return address;
        }
        String[] groups = address.split(":", -1);
        int border = address.indexOf("::");
        int whole = border < 0 ? groups.length : address.substring(0, border).split(":", -1).length;
        return String.join(":", java.util.Arrays.asList(groups).subList(0, Math.min(4, whole)))
                + "::/64";
    }
}
