package dev.quintet.files.s3;

import java.util.regex.Pattern;

/** How the body is framed and what its signature covers: the meaning of x-amz-content-sha256. */
sealed interface PayloadRule {

    String UNSIGNED = "UNSIGNED-PAYLOAD";

    /** The plain bytes, covered by nothing but their checksums. */
    record Plain() implements PayloadRule {}

    /** The plain bytes, whose SHA-256 was signed. */
    record Hashed(String sha256) implements PayloadRule {}

    /** aws-chunked, each chunk signed; the chain begins at the request's own signature. */
    record SignedChunks(SigningKey key, String time, String seed, boolean trailer)
            implements PayloadRule {}

    /** aws-chunked without chunk signatures, with a trailer. */
    record UnsignedChunks() implements PayloadRule {}

    Pattern HEX = Pattern.compile("[0-9a-f]{64}");

    static PayloadRule of(String value, SigningKey key, String time, String seed) {
        return switch (value) {
            case UNSIGNED -> new Plain();
            case "STREAMING-AWS4-HMAC-SHA256-PAYLOAD" -> new SignedChunks(key, time, seed, false);
            case "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER" ->
                    new SignedChunks(key, time, seed, true);
            case "STREAMING-UNSIGNED-PAYLOAD-TRAILER" -> new UnsignedChunks();
            default -> {
                if (!HEX.matcher(value).matches()) {
                    throw S3Refusal.INVALID_ARGUMENT.because(
                            "x-amz-content-sha256 must be UNSIGNED-PAYLOAD,"
                                    + " STREAMING-AWS4-HMAC-SHA256-PAYLOAD,"
                                    + " STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER,"
                                    + " STREAMING-UNSIGNED-PAYLOAD-TRAILER or a SHA-256 in lower"
                                    + " case hex");
                }
                yield new Hashed(value);
            }
        };
    }
}
