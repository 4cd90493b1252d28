package dev.quintet.platform.caller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.quintet.platform.Refused;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

final class RateLimitsTest {

    private final AtomicLong nanos = new AtomicLong();
    private final RateLimits limits =
            new RateLimits(new LimitsConfig(true, 5, 3, 2, 1_000), nanos::get);

    private static Optional<Caller> caller(String name) {
        return Optional.of(new Caller(name, Caller.ROOT, Optional.empty(), Set.of()));
    }

    private Refused refusedFor(Optional<Caller> caller, String address) {
        return catchThrowableOfType(Refused.class, () -> limits.admit(caller, address));
    }

    @Test
    void the_first_too_many_is_told_when_to_come_back_and_then_is_taken() {
        for (int request = 0; request < 5; request++) {
            limits.admit(caller("key:1"), "192.0.2.1");
        }
        Refused refused = refusedFor(caller("key:1"), "192.0.2.1");
        assertThat(refused.refusal().status()).isEqualTo(429);
        assertThat(refused.headers())
                .containsEntry("Retry-After", "12")
                .containsEntry("RateLimit-Policy", "\"caller\";q=5;w=60")
                .containsEntry("RateLimit", "\"caller\";r=0;t=12");
        nanos.addAndGet(Duration.ofSeconds(12).toNanos());
        assertThat(refusedFor(caller("key:1"), "192.0.2.1")).isNull();
        assertThat(refusedFor(caller("key:1"), "192.0.2.1")).isNotNull();
    }

    @Test
    void callers_and_addresses_are_counted_apart() {
        for (int request = 0; request < 3; request++) {
            limits.admit(Optional.empty(), "192.0.2.1");
        }
        assertThat(refusedFor(Optional.empty(), "192.0.2.1")).isNotNull();
        assertThat(refusedFor(Optional.empty(), "192.0.2.2")).isNull();
        assertThat(refusedFor(caller("key:1"), "192.0.2.1")).isNull();
        limits.admitSignIn("192.0.2.1");
    }

    @Test
    void what_proves_a_credential_of_its_own_counts_for_that_and_not_for_its_address() {
        for (int request = 0; request < 5; request++) {
            limits.admit(Optional.empty(), "192.0.2.1");
            limits.proven("192.0.2.1", Caller.ROOT, "client:1");
        }
        limits.admit(Optional.empty(), "192.0.2.1");
        assertThat(
                        catchThrowableOfType(
                                Refused.class,
                                () -> limits.proven("192.0.2.1", Caller.ROOT, "client:1")))
                .isNotNull();
        limits.proven("192.0.2.1", Caller.ROOT, "client:2");
    }

    @Test
    void wrong_secrets_are_counted_by_address_and_lock_out_nobody_who_proved_himself_there() {
        limits.rightSecret("192.0.2.1", "known");
        limits.wrongSecret("192.0.2.1", "one");
        limits.wrongSecret("192.0.2.1", "other");
        Refused refused = refusedSecret("192.0.2.1", "third");
        assertThat(refused.refusal().status()).isEqualTo(429);
        assertThat(refused.headers()).containsEntry("Retry-After", "30");
        limits.admitSecret("192.0.2.1", "known");
        limits.admitSecret("192.0.2.2", "one");
        limits.wrongSecret("192.0.2.1", "known");
        limits.wrongSecret("192.0.2.1", "known");
        assertThat(refusedSecret("192.0.2.1", "known")).isNotNull();
        limits.admitSecret("192.0.2.2", "known");
        // Of many at once those beyond the limit hear no more than that.
        assertThat(
                        catchThrowableOfType(
                                Refused.class, () -> limits.wrongSecret("192.0.2.1", "third")))
                .isNotNull();
        nanos.addAndGet(Duration.ofSeconds(30).toNanos());
        limits.admitSecret("192.0.2.1", "third");
    }

    private Refused refusedSecret(String address, String client) {
        return catchThrowableOfType(Refused.class, () -> limits.admitSecret(address, client));
    }

    @Test
    void one_ipv6_network_counts_as_one_address() {
        limits.admit(Optional.empty(), "2001:db8:1:2::1");
        limits.admit(Optional.empty(), "2001:db8:1:2:3:4:5:6");
        limits.admit(Optional.empty(), "2001:db8:1:2::3");
        assertThat(refusedFor(Optional.empty(), "2001:db8:1:2::4")).isNotNull();
        assertThat(refusedFor(Optional.empty(), "2001:db8:1:3::4")).isNull();
    }

    @Test
    void switched_off_nothing_is_counted() {
        RateLimits off = new RateLimits(new LimitsConfig(false, 1, 1, 1, 1_000), nanos::get);
        assertThatCode(
                        () -> {
                            for (int request = 0; request < 100; request++) {
                                off.admit(caller("key:1"), "192.0.2.1");
                                off.admitSignIn("192.0.2.1");
                                off.wrongSecret("192.0.2.1", "client");
                                off.admitSecret("192.0.2.1", "client");
                            }
                        })
                .doesNotThrowAnyException();
    }
}
