package dev.quintet.auth;

import com.nulabinc.zxcvbn.StandardDictionaries;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The passwords that a guesser tries first: zxcvbn's list of thirty thousand from breaches, of
 * which those that are long enough are kept (NIST SP 800-63B-4 section 3.1.1.2, ASVS 6.2.4).
 */
final class CommonPasswords {

    // Held from the first password that somebody sets; a server that makes no users reads nothing.
    private static final class Held {

        static final Set<String> WORDS = read();

        private static Set<String> read() {
            try {
                return StandardDictionaries.PASSWORDS_LOADER.load().getFrequencies().stream()
                        .filter(word -> word.length() >= Users.SHORTEST_PASSWORD)
                        .collect(Collectors.toUnmodifiableSet());
            } catch (IOException missing) {
                throw new UncheckedIOException("the list of common passwords", missing);
            }
        }
    }

    private CommonPasswords() {}

    static boolean include(String password) {
        return Held.WORDS.contains(password.toLowerCase(Locale.ROOT));
    }
}
