package dev.quintet.auth;

import static dev.quintet.auth.OAuthError.INVALID_REQUEST;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The parameters of a query or form, each at most once and never empty: an empty one counts as
 * omitted, a repeated one is refused (RFC 6749 section 3.1).
 */
public record Parameters(Map<String, String> values, Set<String> repeated) {

    public Parameters {
        values = Map.copyOf(values);
        repeated = Set.copyOf(repeated);
    }

    /** Of a decoded query or form. */
    public static Parameters of(Map<String, List<String>> decoded) {
        Map<String, String> values = new LinkedHashMap<>();
        Set<String> repeated = new LinkedHashSet<>();
        decoded.forEach((name, all) -> {
            List<String> given = all.stream().filter(value -> !value.isEmpty()).toList();
            given.stream().findFirst().ifPresent(first -> values.put(name, first));
            if (given.size() > 1) {
                repeated.add(name);
            }
        });
        return new Parameters(values, repeated);
    }

    public Optional<String> optional(String name) {
        if (repeated.contains(name)) {
            throw INVALID_REQUEST.because("the parameter " + name + " comes more than once");
        }
        return Optional.ofNullable(values.get(name));
    }

    public String required(String name) {
        return optional(name)
                .orElseThrow(
                        () -> INVALID_REQUEST.because("the parameter " + name + " is missing"));
    }

    /** A space-separated list (RFC 6749 section 3.3), in its order. */
    Set<String> words(String name) {
        Set<String> words = new LinkedHashSet<>();
        optional(name).ifPresent(text -> words.addAll(List.of(text.trim().split(" +"))));
        return words;
    }
}
