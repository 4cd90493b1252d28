package dev.quintet.auth;

import java.time.Duration;
import java.util.List;

/**
 * Every setting of auth.
 *
 * @param accessTokenLife how long an access token lives
 * @param refreshIdle how long a refresh token lives unless it is used
 * @param refreshLongest how long a sign-in can be refreshed at all
 * @param refreshGrace how long a spent refresh token still gets the same successor
 * @param sessionLife how long a browser stays signed in
 * @param keyLife how long a signing key signs; the next one is published all that time before
 * @param revocationPoll how often each node looks for revocations; they are seen within that time
 * @param userScopes what a new user may do
 * @param passwordMemory KiB that one password hash takes
 * @param passwordPasses passes over that memory
 */
public record AuthConfig(
        Duration accessTokenLife,
        Duration refreshIdle,
        Duration refreshLongest,
        Duration refreshGrace,
        Duration sessionLife,
        Duration keyLife,
        Duration revocationPoll,
        List<String> userScopes,
        int passwordMemory,
        int passwordPasses) {

    public static final AuthConfig DEFAULT =
            new AuthConfig(
                    Duration.ofMinutes(10),
                    Duration.ofDays(14),
                    Duration.ofDays(90),
                    Duration.ofSeconds(10),
                    Duration.ofDays(7),
                    Duration.ofDays(90),
                    Duration.ofMillis(400),
                    List.of(
                            "chat:read", "chat:write", "files:read", "files:write", "inbox:read"),
                    19 * 1024,
                    2);

    /** The longest life of any access token, also of those that server keys make. */
    static final Duration LONGEST_TOKEN = Duration.ofHours(24);

    public AuthConfig {
        userScopes = List.copyOf(userScopes);
        within("accessTokenLife", accessTokenLife, Duration.ofSeconds(10), LONGEST_TOKEN);
        within("refreshGrace", refreshGrace, Duration.ZERO, Duration.ofMinutes(5));
        within("refreshIdle", refreshIdle, Duration.ofMinutes(1), refreshLongest);
        within("refreshLongest", refreshLongest, refreshIdle, Duration.ofDays(3650));
        within("sessionLife", sessionLife, Duration.ofMinutes(1), Duration.ofDays(365));
        // Shorter than two token lives, and tokens would outlive the publication of their key.
        within("keyLife", keyLife, LONGEST_TOKEN.multipliedBy(2), Duration.ofDays(3650));
        within("revocationPoll", revocationPoll, Duration.ofMillis(50), Duration.ofSeconds(1));
        passwordCost(passwordMemory, passwordPasses);
    }

    Argon2Cost passwordCost() {
        return passwordCost(passwordMemory, passwordPasses);
    }

    private static Argon2Cost passwordCost(int memory, int passes) {
        return new Argon2Cost(memory, passes, 1);
    }

    private static void within(String name, Duration value, Duration least, Duration most) {
        if (value.compareTo(least) < 0 || value.compareTo(most) > 0) {
            throw new IllegalArgumentException(
                    "auth.%s is %s; it must be %s to %s".formatted(name, value, least, most));
        }
    }
}
