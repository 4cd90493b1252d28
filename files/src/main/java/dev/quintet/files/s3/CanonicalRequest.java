package dev.quintet.files.s3;

import dev.quintet.files.s3.WireRequest.Field;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The text that a request's signature covers (SigV4, "Create a canonical request"). */
final class CanonicalRequest {

    private static final Pattern SPACES = Pattern.compile(" +");

    private CanonicalRequest() {}

    /**
     * @param signedHeaders in the order in which the client listed them
     */
    static String of(WireRequest wire, List<String> signedHeaders, String payloadHash) {
        return wire.method()
                + '\n'
                + UriEncoding.encodePath(wire.path())
                + '\n'
                + query(wire)
                + '\n'
                + signedHeaders.stream()
                        .map(name -> name + ':' + header(wire, name) + '\n')
                        .collect(Collectors.joining())
                + '\n'
                + String.join(";", signedHeaders)
                + '\n'
                + payloadHash;
    }

    private static String query(WireRequest wire) {
        return wire.query().stream()
                .filter(field -> !field.name().equals("X-Amz-Signature"))
                .map(f -> new Field(UriEncoding.encode(f.name()), UriEncoding.encode(f.value())))
                .sorted(Comparator.comparing(Field::name).thenComparing(Field::value))
                .map(field -> field.name() + '=' + field.value())
                .collect(Collectors.joining("&"));
    }

    private static String header(WireRequest wire, String name) {
        return wire.headerValues(name).stream()
                .map(value -> SPACES.matcher(value.strip()).replaceAll(" "))
                .collect(Collectors.joining(","));
    }
}
