package dev.quintet.auth;

import dev.quintet.platform.Refusal;
import java.util.Locale;

/**
 * The errors of the OAuth and OpenID Connect endpoints. The wire word is the constant's name in
 * lower case (RFC 6749 sections 4.1.2.1 and 5.2, RFC 6750 section 3.1, RFC 8707 section 2, OpenID
 * Connect Core section 3.1.2.6); the sentence is its {@code error_description}.
 */
public enum OAuthError implements Refusal {
    INVALID_REQUEST(400),
    INVALID_CLIENT(401),
    INVALID_GRANT(400),
    UNAUTHORIZED_CLIENT(400),
    UNSUPPORTED_GRANT_TYPE(400),
    UNSUPPORTED_RESPONSE_TYPE(400),
    INVALID_SCOPE(400),
    INVALID_TARGET(400),
    ACCESS_DENIED(403),
    LOGIN_REQUIRED(400),
    CONSENT_REQUIRED(400),
    REQUEST_NOT_SUPPORTED(400),
    REQUEST_URI_NOT_SUPPORTED(400),
    INVALID_TOKEN(401),
    INSUFFICIENT_SCOPE(403),
    SERVER_ERROR(500),
    TEMPORARILY_UNAVAILABLE(503);

    private final int status;

    OAuthError(int status) {
        this.status = status;
    }

    public String wire() {
        return name().toLowerCase(Locale.ROOT);
    }

    @Override
    public int status() {
        return status;
    }

    @Override
    public String sentence() {
        return "%s";
    }

    @Override
    public String docs() {
        return "auth#oauth-errors";
    }
}
