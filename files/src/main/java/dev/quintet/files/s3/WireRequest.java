package dev.quintet.files.s3;

import static dev.quintet.files.s3.S3Refusal.INVALID_ARGUMENT;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * A request as it was signed: path and query decoded exactly once, headers as they came. Signature
 * check and handlers read the same record, so that there is only one reading of it.
 *
 * @param path percent-decoded, beginning with a slash, never normalised
 * @param query decoded, in the order they came
 * @param headers names in lower case, in the order they came
 */
record WireRequest(String method, String path, List<Field> query, List<Field> headers) {

    private static final Set<String> OF_THE_SIGNATURE =
            Set.of(
                    "x-amz-algorithm",
                    "x-amz-credential",
                    "x-amz-date",
                    "x-amz-expires",
                    "x-amz-signedheaders",
                    "x-amz-signature",
                    "x-amz-security-token",
                    "x-amz-content-sha256");

    /** One name and its value. */
    record Field(String name, String value) {}

    WireRequest {
        query = List.copyOf(query);
        headers =
                headers.stream()
                        .map(f -> new Field(f.name().toLowerCase(Locale.ROOT), f.value()))
                        .toList();
    }

    /** A header that may come once; a second one with the same name is refused. */
    Optional<String> header(String name) {
        List<String> all = values(headers, name);
        if (all.size() > 1) {
            throw INVALID_ARGUMENT.because("The header " + name + " came " + all.size() + " times");
        }
        return all.stream().findFirst();
    }

    /**
     * A signed address may carry x-amz-* headers in its query ("hoisted"): they mean what the
     * header would. What the signature itself consists of stays in the query.
     */
    WireRequest withHoistedHeaders() {
        List<Field> asHeaders = new ArrayList<>(headers);
        List<Field> rest = new ArrayList<>();
        for (Field field : query) {
            String name = field.name().toLowerCase(Locale.ROOT);
            boolean hoisted = name.startsWith("x-amz-") && !OF_THE_SIGNATURE.contains(name);
            (hoisted ? asHeaders : rest).add(hoisted ? new Field(name, field.value()) : field);
        }
        return new WireRequest(method, path, rest, asHeaders);
    }

    List<String> headerValues(String name) {
        return values(headers, name);
    }

    /** A query parameter that may come once; a second one with the same name is refused. */
    Optional<String> parameter(String name) {
        List<String> all = values(query, name);
        if (all.size() > 1) {
            throw INVALID_ARGUMENT.because(
                    "The parameter " + name + " came " + all.size() + " times");
        }
        return all.stream().findFirst();
    }

    private static List<String> values(List<Field> fields, String name) {
        return fields.stream().filter(f -> f.name().equals(name)).map(Field::value).toList();
    }
}
