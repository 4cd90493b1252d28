package dev.quintet.files.s3;

import dev.quintet.platform.Sha256;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** The key of one secret, day, region and service (SigV4, "Calculate the signature"). */
final class SigningKey {

    static final String ALGORITHM = "AWS4-HMAC-SHA256";

    /** SHA-256 of nothing. */
    static final String EMPTY = hex(new byte[0]);

    private final byte[] key;
    private final CredentialScope scope;

    private SigningKey(byte[] key, CredentialScope scope) {
        this.key = key;
        this.scope = scope;
    }

    static SigningKey derive(String secret, CredentialScope scope) {
        byte[] day = mac(("AWS4" + secret).getBytes(StandardCharsets.UTF_8), scope.date());
        byte[] region = mac(day, scope.region());
        byte[] service = mac(region, scope.service());
        return new SigningKey(mac(service, scope.terminator()), scope);
    }

    /** The signature of a whole request. */
    String signRequest(String time, String canonicalRequest) {
        String hash = hex(canonicalRequest.getBytes(StandardCharsets.UTF_8));
        return sign(ALGORITHM + '\n' + time + '\n' + scope + '\n' + hash);
    }

    /** The signature of one chunk, chained to the one before. */
    String signChunk(String time, String previous, String chunkHash) {
        return sign(
                ALGORITHM
                        + "-PAYLOAD\n"
                        + time
                        + '\n'
                        + scope
                        + '\n'
                        + previous
                        + '\n'
                        + EMPTY
                        + '\n'
                        + chunkHash);
    }

    /** The signature of the trailing headers, chained to the last chunk. */
    String signTrailer(String time, String previous, String trailerHash) {
        return sign(
                ALGORITHM
                        + "-TRAILER\n"
                        + time
                        + '\n'
                        + scope
                        + '\n'
                        + previous
                        + '\n'
                        + trailerHash);
    }

    /** Compares in constant time. */
    static boolean same(String expected, String given) {
        return MessageDigest.isEqual(
                expected.getBytes(StandardCharsets.UTF_8), given.getBytes(StandardCharsets.UTF_8));
    }

    static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(Sha256.of(bytes));
    }

    private String sign(String text) {
        return HexFormat.of().formatHex(mac(key, text));
    }

    private static byte[] mac(byte[] key, String text) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException("HmacSHA256 is part of every JDK", impossible);
        }
    }

    @Override
    public String toString() {
        return "SigningKey[" + scope + "]";
    }
}
