package dev.quintet.files.s3;

import static dev.quintet.files.s3.S3Refusal.ACCESS_DENIED;
import static dev.quintet.files.s3.S3Refusal.AUTHORIZATION_HEADER_MALFORMED;
import static dev.quintet.files.s3.S3Refusal.EXPIRED_TOKEN;
import static dev.quintet.files.s3.S3Refusal.INVALID_ACCESS_KEY_ID;
import static dev.quintet.files.s3.S3Refusal.REQUEST_TIME_TOO_SKEWED;
import static dev.quintet.files.s3.S3Refusal.SIGNATURE_DOES_NOT_MATCH;

import dev.quintet.platform.caller.Caller;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * The one place where an S3 request is believed or not: every request passes here before anything
 * looks at what it asks for.
 */
final class SignatureCheck {

    private static final Duration SKEW = Duration.ofMinutes(15);

    private final String region;
    private final InstantSource time;
    private final Function<String, Optional<Key>> keys;

    /** A live access key: its secret, and for whom it acts. */
    record Key(String secret, Caller caller) {

        @Override
        public String toString() {
            return "Key[" + caller.credential() + "]";
        }
    }

    /** A request that was signed by a live key, and how its body is to be checked. */
    record Signed(Caller caller, PayloadRule payload, boolean inQuery) {}

    /**
     * @param keys finds a live key by its access key id
     */
    SignatureCheck(String region, InstantSource time, Function<String, Optional<Key>> keys) {
        this.region = region;
        this.time = time;
        this.keys = keys;
    }

    Signed check(WireRequest wire) {
        Presented presented = Presented.read(wire);
        requireScope(presented);
        requireTime(presented);
        requireCovered(wire, presented.signedHeaders());
        String payloadHash = payloadHash(wire, presented);
        Key key = keys.apply(presented.accessKeyId()).orElseThrow(INVALID_ACCESS_KEY_ID::because);
        SigningKey signing = SigningKey.derive(key.secret(), presented.scope());
        String canonical = CanonicalRequest.of(wire, presented.signedHeaders(), payloadHash);
        String expected = signing.signRequest(presented.time(), canonical);
        if (!SigningKey.same(expected, presented.signature())) {
            throw SIGNATURE_DOES_NOT_MATCH.because();
        }
        return new Signed(
                key.caller(),
                PayloadRule.of(payloadHash, signing, presented.time(), presented.signature()),
                presented.expires().isPresent());
    }

    private void requireScope(Presented presented) {
        CredentialScope scope = presented.scope();
        if (!scope.region().equals(region)) {
            throw AUTHORIZATION_HEADER_MALFORMED.because(
                    "the region '" + scope.region() + "' is wrong; expecting '" + region + "'");
        }
        if (!scope.service().equals("s3") || !scope.terminator().equals("aws4_request")) {
            throw AUTHORIZATION_HEADER_MALFORMED.because(
                    "incorrect service or terminator; expecting 's3/aws4_request'");
        }
        if (!presented.time().startsWith(scope.date() + "T")) {
            throw AUTHORIZATION_HEADER_MALFORMED.because(
                    "the date of the credential is not the day of x-amz-date");
        }
    }

    private void requireTime(Presented presented) {
        Instant now = time.instant();
        Instant signedAt = presented.instant();
        if (presented.expires().isPresent()) {
            Instant end = signedAt.plus(presented.expires().get());
            if (now.isAfter(end)) {
                throw EXPIRED_TOKEN.because(end);
            }
        } else if (signedAt.isBefore(now.minus(SKEW))) {
            throw REQUEST_TIME_TOO_SKEWED.because(signedAt, now);
        }
        if (signedAt.isAfter(now.plus(SKEW))) {
            throw REQUEST_TIME_TOO_SKEWED.because(signedAt, now);
        }
    }

    // An unsigned x-amz-* header could add a meaning that the holder of the secret never signed.
    private static void requireCovered(WireRequest wire, List<String> signedHeaders) {
        if (!signedHeaders.contains("host") || wire.header("host").isEmpty()) {
            throw ACCESS_DENIED.because("the host header must be signed");
        }
        for (WireRequest.Field header : wire.headers()) {
            if (header.name().startsWith("x-amz-") && !signedHeaders.contains(header.name())) {
                throw ACCESS_DENIED.because(
                        "the header " + header.name() + " was present but not signed");
            }
        }
        for (String name : signedHeaders) {
            if (wire.headerValues(name).isEmpty()) {
                throw ACCESS_DENIED.because("the signed header " + name + " did not come");
            }
        }
        wire.header("x-amz-date");
        wire.header("x-amz-content-sha256");
    }

    private static String payloadHash(WireRequest wire, Presented presented) {
        Optional<String> header = wire.header("x-amz-content-sha256");
        if (presented.expires().isPresent()) {
            return header.or(() -> wire.parameter("X-Amz-Content-Sha256"))
                    .orElse(PayloadRule.UNSIGNED);
        }
        return header.orElseThrow(() ->
                S3Refusal.INVALID_REQUEST.because(
                        "Missing required header for this request: x-amz-content-sha256"));
    }
}
