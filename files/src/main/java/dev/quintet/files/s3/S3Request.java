package dev.quintet.files.s3;

import static dev.quintet.files.s3.S3Refusal.ACCESS_DENIED;
import static dev.quintet.files.s3.S3Refusal.INVALID_ARGUMENT;
import static dev.quintet.files.s3.S3Refusal.NOT_IMPLEMENTED;

import dev.quintet.files.Reach;
import dev.quintet.files.s3.WireRequest.Field;
import dev.quintet.platform.caller.Caller;
import dev.quintet.platform.caller.Scope;
import dev.quintet.platform.http.Request;
import java.io.BufferedInputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A request whose signature was believed.
 *
 * @param bucket empty for the list of buckets
 * @param key empty for a bucket itself
 */
record S3Request(
        Request request,
        WireRequest wire,
        SignatureCheck.Signed signed,
        String bucket,
        String key) {

    private static final int BUFFER = 64 * 1024;
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9!#$%&'*+.^_`|~-]+");

    // Known without a meaning of their own, or checked where their meaning is.
    private static final Set<String> PLAIN_HEADERS =
            Set.of(
                    "x-amz-date",
                    "x-amz-content-sha256",
                    "x-amz-decoded-content-length",
                    "x-amz-trailer",
                    "x-amz-sdk-checksum-algorithm",
                    "x-amz-checksum-mode",
                    // Offers to take an MD5 behind the body; not taking it up is an answer.
                    "x-amz-te",
                    "x-amz-user-agent");

    static S3Request of(Request request, SignatureCheck check) {
        List<Field> query = new ArrayList<>();
        request.head()
                .queryAll()
                .forEach((name, values) ->
                        values.forEach(value -> query.add(new Field(name, value))));
        List<Field> headers = new ArrayList<>();
        request.head()
                .headers()
                .forEach((name, values) ->
                        values.forEach(value -> headers.add(new Field(name, value))));
        String path = request.path("path");
        WireRequest wire = new WireRequest(request.method(), "/" + path, query, headers);
        requireAscii(wire);
        SignatureCheck.Signed signed = check.check(wire);
        int border = path.indexOf('/');
        return new S3Request(
                request,
                signed.inQuery() ? meant(wire) : wire,
                signed,
                border < 0 ? path : path.substring(0, border),
                border < 0 ? "" : path.substring(border + 1));
    }

    // Asked before the signature: clients sign such bytes each in their own way.
    private static void requireAscii(WireRequest wire) {
        for (Field field : Stream.concat(wire.headers().stream(), wire.query().stream()).toList()) {
            boolean kept = field.name().toLowerCase(Locale.ROOT).startsWith("x-amz-meta-");
            if (kept && !(NAME.matcher(field.name()).matches() && isPlain(field.value()))) {
                throw INVALID_ARGUMENT.because(
                        "User metadata (x-amz-meta-*) must be US-ASCII; encode anything else, for"
                                + " instance by base64 or RFC 2047");
            }
        }
    }

    private static boolean isPlain(String value) {
        return value.chars().allMatch(c -> (c >= 0x20 && c < 0x7f) || c == '\t');
    }

    /**
     * What a signed address means. Its signer did not have the body: some SDKs sign the checksum of
     * no bytes, which says nothing. Any other checksum is kept to.
     */
    private static WireRequest meant(WireRequest wire) {
        WireRequest whole = wire.withHoistedHeaders();
        List<Field> headers =
                whole.headers().stream()
                        .filter(field ->
                                wire.headers().contains(field)
                                        || ChecksumAlgorithm.ofHeader(field.name())
                                                .filter(each -> each.isOfNothing(field.value()))
                                                .isEmpty())
                        .toList();
        return new WireRequest(whole.method(), whole.path(), whole.query(), headers);
    }

    Caller caller() {
        return signed.caller();
    }

    Reach reach() {
        return Reach.of(caller());
    }

    void require(Scope scope) {
        if (!caller().may(scope)) {
            throw ACCESS_DENIED.because("the access key lacks the scope '" + scope.wire() + "'");
        }
    }

    Optional<String> parameter(String name) {
        return wire.parameter(name);
    }

    Optional<String> header(String name) {
        return wire.header(name);
    }

    /**
     * Refuses parameters and x-amz-* headers whose meaning is not here, instead of ignoring them.
     */
    void requireKnown(String... parameters) {
        Set<String> known = new HashSet<>(Arrays.asList(parameters));
        for (Field field : wire.query()) {
            String name = field.name();
            if (!known.contains(name) && !name.startsWith("X-Amz-") && !name.equals("x-id")) {
                throw NOT_IMPLEMENTED.because("The query parameter '" + name + "'");
            }
        }
        for (Field field : wire.headers()) {
            if (field.name().startsWith("x-amz-") && !isKnown(field)) {
                throw NOT_IMPLEMENTED.because("The header " + field.name() + ": " + field.value());
            }
        }
    }

    private static boolean isKnown(Field field) {
        return switch (field.name()) {
            case "x-amz-acl" -> field.value().equals("private");
            case "x-amz-storage-class" -> field.value().equals("STANDARD");
            default ->
                    PLAIN_HEADERS.contains(field.name())
                            || field.name().startsWith("x-amz-meta-")
                            || field.name().startsWith("x-amz-checksum-");
        };
    }

    /** The object's bytes, with everything checked at their end. */
    Payload payload(Expected expected) {
        var body = new BufferedInputStream(request.body().stream(), BUFFER);
        return Payload.of(body, signed.payload(), expected);
    }

    int number(String parameter, int most, int missing) {
        Optional<String> text = parameter(parameter);
        if (text.isEmpty()) {
            return missing;
        }
        if (!text.get().matches("[0-9]{1,9}")) {
            throw INVALID_ARGUMENT.because(parameter + " must be a whole number, not negative");
        }
        return Math.min(most, Integer.parseInt(text.get()));
    }
}
