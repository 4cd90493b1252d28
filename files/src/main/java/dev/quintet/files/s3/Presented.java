package dev.quintet.files.s3;

import static dev.quintet.files.s3.S3Refusal.ACCESS_DENIED;
import static dev.quintet.files.s3.S3Refusal.AUTHORIZATION_HEADER_MALFORMED;
import static dev.quintet.files.s3.S3Refusal.AUTHORIZATION_QUERY_PARAMETERS_ERROR;
import static dev.quintet.files.s3.S3Refusal.INVALID_ARGUMENT;
import static dev.quintet.files.s3.S3Refusal.INVALID_REQUEST;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * The signature as the client presents it, in the Authorization header or in the query, read but
 * not yet believed.
 *
 * @param time the text of x-amz-date, which goes into what is signed
 * @param expires how long a signed address is valid; empty for the header form
 */
record Presented(
        String accessKeyId,
        CredentialScope scope,
        List<String> signedHeaders,
        String signature,
        String time,
        Instant instant,
        Optional<Duration> expires) {

    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss'Z'", Locale.ROOT);
    private static final Pattern SIGNATURE = Pattern.compile("[0-9a-f]{64}");
    private static final Pattern HEADER_NAME = Pattern.compile("[a-z0-9!#$%&'*+.^_`|~-]+");
    private static final Duration LONGEST = Duration.ofDays(7);

    static Presented read(WireRequest wire) {
        Optional<String> header = wire.header("authorization");
        boolean query =
                wire.query().stream()
                        .anyMatch(f -> f.name().startsWith("X-Amz-") || isVersion2(f.name()));
        if (header.isPresent() && query) {
            throw INVALID_ARGUMENT.because(
                    "Only one auth mechanism allowed: a query signature or the Authorization"
                            + " header");
        }
        if (header.isPresent()) {
            return ofHeader(wire, header.get());
        }
        if (!query) {
            throw ACCESS_DENIED.because("the request is not signed");
        }
        return ofQuery(wire);
    }

    private static Presented ofHeader(WireRequest wire, String header) {
        if (header.startsWith("AWS ")) {
            throw version2();
        }
        if (!header.startsWith(SigningKey.ALGORITHM + ' ')) {
            throw ACCESS_DENIED.because(
                    "the authorization mechanism is not supported; sign with AWS4-HMAC-SHA256");
        }
        Map<String, String> parts = new HashMap<>();
        for (String part : header.substring(SigningKey.ALGORITHM.length()).split(",", -1)) {
            int border = part.indexOf('=');
            if (border < 0
                    || parts.put(
                                    part.substring(0, border).strip(),
                                    part.substring(border + 1).strip())
                            != null) {
                throw AUTHORIZATION_HEADER_MALFORMED.because("each part comes once as name=value");
            }
        }
        String time =
                wire.header("x-amz-date")
                        .orElseThrow(() ->
                                ACCESS_DENIED.because(
                                        "a signed request carries an x-amz-date header"));
        Function<String, RuntimeException> wrong = AUTHORIZATION_HEADER_MALFORMED::because;
        return of(
                Optional.ofNullable(parts.get("Credential")),
                Optional.ofNullable(parts.get("SignedHeaders")),
                Optional.ofNullable(parts.get("Signature")),
                time,
                Optional.empty(),
                wrong);
    }

    private static Presented ofQuery(WireRequest wire) {
        if (wire.query().stream().anyMatch(field -> isVersion2(field.name()))) {
            throw version2();
        }
        Function<String, RuntimeException> wrong = AUTHORIZATION_QUERY_PARAMETERS_ERROR::because;
        if (!wire.parameter("X-Amz-Algorithm").equals(Optional.of(SigningKey.ALGORITHM))) {
            throw wrong.apply("X-Amz-Algorithm only supports AWS4-HMAC-SHA256");
        }
        Duration expires =
                wire.parameter("X-Amz-Expires")
                        .filter(text -> text.matches("[0-9]{1,9}"))
                        .map(text -> Duration.ofSeconds(Long.parseLong(text)))
                        .filter(length -> !length.isZero() && length.compareTo(LONGEST) <= 0)
                        .orElseThrow(
                                () -> wrong.apply("X-Amz-Expires must be 1 to 604800 seconds"));
        String time =
                wire.parameter("X-Amz-Date")
                        .orElseThrow(() -> wrong.apply("X-Amz-Date is missing"));
        return of(
                wire.parameter("X-Amz-Credential"),
                wire.parameter("X-Amz-SignedHeaders"),
                wire.parameter("X-Amz-Signature"),
                time,
                Optional.of(expires),
                wrong);
    }

    private static Presented of(
            Optional<String> credential,
            Optional<String> signedHeaders,
            Optional<String> signature,
            String time,
            Optional<Duration> expires,
            Function<String, RuntimeException> wrong) {
        String[] scope = credential.orElse("").split("/", -1);
        if (scope.length != 5 || scope[0].isEmpty()) {
            throw wrong.apply(
                    "the credential must be \"<access key id>/YYYYMMDD/REGION/SERVICE/aws4_request\"");
        }
        List<String> names = List.of(signedHeaders.orElse("").split(";", -1));
        if (names.stream().anyMatch(name -> !HEADER_NAME.matcher(name).matches())
                || names.stream().distinct().count() < names.size()) {
            throw wrong.apply("SignedHeaders must name each header once, in lower case");
        }
        String hex = signature.orElse("");
        if (!SIGNATURE.matcher(hex).matches()) {
            throw wrong.apply("the signature must be 64 hex digits in lower case");
        }
        return new Presented(
                scope[0],
                new CredentialScope(scope[1], scope[2], scope[3], scope[4]),
                names,
                hex,
                time,
                instant(time, wrong),
                expires);
    }

    private static Instant instant(String time, Function<String, RuntimeException> wrong) {
        try {
            return LocalDateTime.parse(time, TIME).toInstant(ZoneOffset.UTC);
        } catch (DateTimeException e) {
            throw wrong.apply("the date must be in the ISO 8601 basic form YYYYMMDD'T'HHMMSS'Z'");
        }
    }

    private static boolean isVersion2(String parameter) {
        return parameter.equals("AWSAccessKeyId") || parameter.equals("Signature");
    }

    private static RuntimeException version2() {
        return INVALID_REQUEST.because(
                "The authorization mechanism you have provided is not supported. Please use"
                        + " AWS4-HMAC-SHA256.");
    }
}
