package dev.quintet.analytics.lake;

import dev.quintet.platform.log.Position;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the loader is about to do, for the process that comes after one that ended in it.
 *
 * @param requests how many from {@code from} on
 * @param ends how many processes will have ended while they did this one request alone, when this
 *     one ends in it too; 0 when there are more requests, or when it has failed and goes on
 */
public record Attempt(Position from, int requests, int ends) {

    private static final Pattern TEXT =
            Pattern.compile("(\\d{1,9}:\\d{1,18}) (\\d{1,9})(?: (\\d{1,9}))?");

    static Optional<Attempt> parse(String text) {
        Matcher attempt = TEXT.matcher(text);
        return attempt.matches()
                ? Optional.of(
                        new Attempt(
                                Position.parse(attempt.group(1)),
                                Integer.parseInt(attempt.group(2)),
                                attempt.group(3) == null ? 0 : Integer.parseInt(attempt.group(3))))
                : Optional.empty();
    }

    /** What is tried after it. */
    public Attempt half() {
        return new Attempt(from, Math.max(1, requests / 2), ends);
    }

    @Override
    public String toString() {
        return from + " " + requests + " " + ends;
    }
}
