package dev.quintet.auth;

import dev.quintet.platform.config.Setting;
import java.time.Duration;
import java.util.List;

/** Every setting of auth. */
public record AuthConfig(
        @Setting(
                        value = "How long an access token lives.",
                        byDefault = "10m",
                        min = "10s",
                        max = "24h")
                Duration accessTokenLife,
        @Setting(
                        value = "How long a refresh token lives unless it is used.",
                        byDefault = "14d",
                        min = "1m",
                        max = "3650d")
                Duration refreshIdle,
        @Setting(
                        value = "How long one sign-in can be refreshed, however active it is.",
                        byDefault = "90d",
                        min = "1m",
                        max = "3650d")
                Duration refreshLongest,
        @Setting(
                        value =
                                "How long a spent refresh token still gets the same successor, so that"
                                        + " a lost answer or two tabs log nobody out.",
                        byDefault = "10s",
                        min = "0s",
                        max = "5m")
                Duration refreshGrace,
        @Setting(
                        value = "How long a browser stays signed in.",
                        byDefault = "7d",
                        min = "1m",
                        max = "365d")
                Duration sessionLife,
        // Shorter than two token lives, and tokens would outlive the publication of their key.
        @Setting(
                        value =
                                "How long a signing key signs; the next one is published for as long"
                                        + " before it does.",
                        byDefault = "90d",
                        min = "2d",
                        max = "3650d")
                Duration keyLife,
        @Setting(
                        value = "How often each node looks for revocations made on others.",
                        byDefault = "400ms",
                        min = "50ms",
                        max = "900ms")
                Duration revocationPoll,
        @Setting("What a new user may do; unset: chat, files and the inbox, to read and write.")
                List<String> userScopes,
        @Setting(
                        value = "KiB of memory that one password hash (Argon2id) takes.",
                        byDefault = "19456",
                        min = "7168",
                        max = "1048576")
                int passwordMemory,
        @Setting(
                        value = "Passes that one password hash makes over its memory.",
                        byDefault = "2",
                        min = "1",
                        max = "20")
                int passwordPasses) {

    /** The longest life of any access token, also of those that server keys make. */
    static final Duration LONGEST_TOKEN = Duration.ofHours(24);

    private static final List<String> USER_SCOPES =
            List.of("chat:read", "chat:write", "files:read", "files:write", "inbox:read");

    public AuthConfig {
        userScopes = userScopes.isEmpty() ? USER_SCOPES : List.copyOf(userScopes);
        for (String scope : userScopes) {
            if (!Scopes.isKnown(scope)) {
                throw new IllegalArgumentException("auth.userScopes: there is no scope " + scope);
            }
        }
        if (refreshLongest.compareTo(refreshIdle) < 0) {
            throw new IllegalArgumentException(
                    "auth.refreshLongest is shorter than auth.refreshIdle");
        }
    }

    Argon2Cost passwordCost() {
        return new Argon2Cost(passwordMemory, passwordPasses, 1);
    }
}
