package dev.quintet.platform.config;

import java.util.Collection;
import java.util.Locale;
import java.util.Optional;

/**
 * One thing that is wrong with the settings.
 *
 * @param where {@code line 12}, a variable's name, or the command line's option
 * @param nearest the valid key or value that was probably meant
 */
public record Problem(String key, String where, String what, Optional<String> nearest) {

    Problem(String key, String where, String what) {
        this(key, where, what, Optional.empty());
    }

    @Override
    public String toString() {
        return where
                + ": "
                + (where.equals(key) ? "" : key + ": ")
                + what
                + nearest.map(word -> "; did you mean '" + word + "'?").orElse("");
    }

    /** The candidate that the fewest edits reach; none when about half of the word would change. */
    static Optional<String> nearest(String word, Collection<String> candidates) {
        Optional<String> best = Optional.empty();
        int least = Math.max(3, word.length() / 2);
        for (String candidate : candidates) {
            int edits = edits(word.toLowerCase(Locale.ROOT), candidate.toLowerCase(Locale.ROOT));
            if (edits < least) {
                least = edits;
                best = Optional.of(candidate);
            }
        }
        return best;
    }

    /** Levenshtein's distance, one row at a time. */
    private static int edits(String from, String to) {
        int[] row = new int[to.length() + 1];
        for (int column = 0; column < row.length; column++) {
            row[column] = column;
        }
        for (int line = 1; line <= from.length(); line++) {
            int diagonal = row[0];
            row[0] = line;
            for (int column = 1; column < row.length; column++) {
                int changed = diagonal + (from.charAt(line - 1) == to.charAt(column - 1) ? 0 : 1);
                diagonal = row[column];
                row[column] = Math.min(changed, Math.min(row[column], row[column - 1]) + 1);
            }
        }
        return row[to.length()];
    }
}
