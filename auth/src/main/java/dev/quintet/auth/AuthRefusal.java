package dev.quintet.auth;

import dev.quintet.platform.Refusal;
import java.util.Locale;

/** Every refusal of auth's own API; the OAuth endpoints speak {@link OAuthError} instead. */
public enum AuthRefusal implements Refusal {
    EMAIL_TAKEN(409, "another user of this organisation has the email %s; nothing was made"),
    NOT_AN_EMAIL(400, "'%s' is not an email address: %s; one looks like ada@example.com"),
    PASSWORD_TOO_SHORT(400, "a password has at least %d characters; this one has %d"),
    PASSWORD_TOO_LONG(400, "a password has at most %d bytes in UTF-8; this one has %d"),
    NAME_TOO_LONG(400, "a %s has 1 to %d characters; this one has %d"),
    USER_UNKNOWN(404, "there is no user %s in this organisation"),
    SCOPE_UNKNOWN(400, "'%s' is not a scope; there are: %s%s"),
    SCOPE_NOT_THEIRS(403, "the user does not have the scope %s; what a token may hold is: %s"),
    SCOPE_NOT_YOURS(403, "this credential may not hand out the scope %s, which it does not have"),
    NOT_A_SERVER_KEY(403, "only a server key may make a token in a user's name; this is %s"),
    REDIRECT_REFUSED(400, "the redirect address '%s' is refused: %s"),
    TOO_MANY(400, "a client has at most %d %s; this one has %d"),
    CLIENT_CANNOT(400, "such a client cannot be: %s"),
    EXPIRY_REFUSED(400, "a token lives 1 s to %s; %d s were asked for"),
    HASHES_BUSY(
            503,
            "the server checks as many passwords as it can; nothing was changed, try again shortly");

    private final int status;
    private final String sentence;

    AuthRefusal(int status, String sentence) {
        this.status = status;
        this.sentence = sentence;
    }

    @Override
    public int status() {
        return status;
    }

    @Override
    public String sentence() {
        return sentence;
    }

    @Override
    public String docs() {
        return "auth#" + name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
