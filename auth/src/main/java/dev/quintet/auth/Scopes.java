package dev.quintet.auth;

import static dev.quintet.auth.AuthRefusal.SCOPE_UNKNOWN;
import static dev.quintet.auth.OAuthError.INVALID_SCOPE;

import dev.quintet.platform.Nearest;
import dev.quintet.platform.caller.Scope;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Scope words: the rights of {@link Scope}, and OpenID Connect's own, which give no right here but
 * say what a client may learn about a person.
 */
final class Scopes {

    static final Set<String> OPENID_CONNECT =
            Set.of("openid", "profile", "email", "offline_access");

    private Scopes() {}

    static boolean isKnown(String word) {
        return OPENID_CONNECT.contains(word) || Scope.of(word).isPresent();
    }

    /** Refuses a word that is no scope at all. */
    static void requireKnown(String word) {
        if (!isKnown(word)) {
            List<String> all = new ArrayList<>(Scope.words());
            all.addAll(new TreeSet<>(OPENID_CONNECT));
            String shown = word.length() > 60 ? word.substring(0, 60) : word;
            throw SCOPE_UNKNOWN.because(shown, String.join(", ", all), Nearest.to(shown, all));
        }
    }

    /** Refuses a request for more than the client may ever have. */
    static void requireWithin(Set<String> asked, Set<String> clients) {
        for (String word : asked) {
            if (!isKnown(word)) {
                throw INVALID_SCOPE.because("there is no scope " + printable(word));
            }
            if (!OPENID_CONNECT.contains(word) && !includes(clients, word)) {
                throw INVALID_SCOPE.because("this client may not ask for " + word);
            }
        }
    }

    /** What is left of the words asked for, when only these rights may be had. */
    static Set<String> narrow(Collection<String> asked, Set<String> rights) {
        return asked.stream()
                .filter(word -> OPENID_CONNECT.contains(word) || includes(rights, word))
                .collect(Collectors.toCollection(LinkedHashSet::new));
    }

    static boolean includes(Set<String> rights, String word) {
        return rights.contains(word) || rights.contains(Scope.ADMIN.wire());
    }

    static Set<Scope> rights(Collection<String> words) {
        return words.stream()
                .flatMap(word -> Scope.of(word).stream())
                .collect(Collectors.toUnmodifiableSet());
    }

    /** RFC 6749 section 5.2 allows few characters in error_description. */
    private static String printable(String word) {
        return word.replaceAll("[^\\x20-\\x21\\x23-\\x5B\\x5D-\\x7E]", "?");
    }
}
