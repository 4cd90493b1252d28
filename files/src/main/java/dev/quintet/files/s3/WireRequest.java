package dev.quintet.files.s3;

import static dev.quintet.files.s3.S3Refusal.INVALID_ARGUMENT;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * A request as it was signed: path and query decoded exactly once, headers as they came. Signature
 * check and handlers read the same record, so that there is only one reading of it.
 *
 * @param path percent-decoded, beginning with a slash, never normalised
 * @param query decoded, in the order they came
 * @param headers names in lower case, in the order they came
 */
record WireRequest(String method, String path, List<Field> query, List<Field> headers) {

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
