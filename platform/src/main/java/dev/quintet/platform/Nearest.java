package dev.quintet.platform;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;

/** Guesses which known word was meant. */
public final class Nearest {

    private Nearest() {}

    /** {@code ; did you mean 'name'?}, or nothing when no word is near. */
    public static String to(String word, Collection<String> known) {
        String lower = word.toLowerCase(Locale.ROOT);
        return known.stream()
                .min(
                        Comparator.comparingInt(
                                each -> distance(lower, each.toLowerCase(Locale.ROOT))))
                .filter(each ->
                        distance(lower, each.toLowerCase(Locale.ROOT))
                                <= Math.max(2, each.length() / 3))
                .map(each -> "; did you mean '" + each + "'?")
                .orElse("");
    }

    /** Levenshtein's, over the first 64 characters. */
    private static int distance(String left, String right) {
        String a = left.substring(0, Math.min(64, left.length()));
        String b = right.substring(0, Math.min(64, right.length()));
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int change = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(change, Math.min(row[j], row[j - 1]) + 1);
            }
        }
        return row[b.length()];
    }
}
