package dev.quintet.platform.http;

import static dev.quintet.platform.http.HttpRefusal.CROSS_SITE;

import java.nio.charset.StandardCharsets;
import java.security.InvalidKeyException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * The hidden field of a form that proves which cookie's page it came from: an HMAC of the cookie's
 * value under a key of the server. Nothing is stored.
 */
public final class FormToken {

    /** The usual name of the hidden field. */
    public static final String FIELD = "formToken";

    private final SecretKeySpec key;

    public FormToken(byte[] key) {
        this.key = new SecretKeySpec(key, "HmacSHA256");
    }

    public String of(String cookie) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(key);
            return Base64.getUrlEncoder()
                    .withoutPadding()
                    .encodeToString(mac.doFinal(cookie.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException | InvalidKeyException e) {
            throw new IllegalStateException("every JDK has HmacSHA256", e);
        }
    }

    /** Refuses a token that was not made for this cookie. */
    public void check(String cookie, String token) {
        boolean same =
                MessageDigest.isEqual(
                        of(cookie).getBytes(StandardCharsets.US_ASCII),
                        token.getBytes(StandardCharsets.US_ASCII));
        if (!same) {
            throw CROSS_SITE.because();
        }
    }
}
