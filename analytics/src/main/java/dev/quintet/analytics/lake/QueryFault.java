package dev.quintet.analytics.lake;

import dev.quintet.analytics.lake.ChildTalk.Ask;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What DuckDB found wrong with a user's statement, in one line: the reason, what was near, and the
 * place in the statement. Its own stages, settings and functions stay inside, and so do our files.
 */
final class QueryFault {

    // "Binder Error: ", "Invalid Input Error: "
    private static final Pattern STAGE = Pattern.compile("^[A-Z][A-Za-z ]* Error: ");
    private static final Pattern PLACE =
            Pattern.compile("LINE (\\d+): (.*)\n( *)\\^.*", Pattern.DOTALL);
    private static final Pattern GUESS = Pattern.compile("Did you mean \"([^\"]*)\"\\?");
    private static final Pattern END = Pattern.compile("[.!]$");
    private static final Pattern WIDTH = Pattern.compile("\\bINT(8|16|32|64|128)\\b");

    /** How the view over the lake is made, and how DuckDB speaks of its own code. */
    private static final Set<String> INTERNAL =
            Set.of("read_parquet", "parquet_scan", "__internal", "duckdb::");

    private QueryFault() {}

    static String told(String message, Ask ask) {
        String text = STAGE.matcher(message).replaceFirst("");
        Matcher place = PLACE.matcher(text);
        boolean placed = place.find();
        List<String> told = new ArrayList<>();
        for (String line : (placed ? text.substring(0, place.start()) : text).lines().toList()) {
            if (told.isEmpty() ? !line.isBlank() : helps(line)) {
                told.add(END.matcher(line.strip()).replaceFirst(""));
            }
        }
        String reason = WIDTH.matcher(String.join("; ", told)).replaceAll(QueryFault::type);
        if (reason.isEmpty() || isInternal(reason, ask)) {
            reason = "the statement cannot be run as it is written";
        }
        return placed ? reason + at(place, ask.sql()) : reason;
    }

    /** A place that the parser counted in characters from the beginning. */
    static String at(int position, String sql) {
        String before = sql.substring(0, Math.min(position, sql.length()));
        long line = before.chars().filter(c -> c == '\n').count() + 1;
        return " (line %d, column %d)".formatted(line, position - before.lastIndexOf('\n'));
    }

    /** The excerpt begins with the line, unless that is so long that DuckDB shows its middle. */
    private static String at(Matcher place, String sql) {
        String shown = place.group(2);
        int column = place.group(3).length() - ("LINE " + place.group(1) + ": ").length() + 1;
        String begin = shown.endsWith("...") ? shown.substring(0, shown.length() - 3) : shown;
        Optional<String> line = sql.lines().skip(Long.parseLong(place.group(1)) - 1).findFirst();
        return line.filter(its -> its.startsWith(begin)).isPresent() && column > 0
                ? " (line %s, column %d)".formatted(place.group(1), column)
                : " (line %s)".formatted(place.group(1));
    }

    private static boolean helps(String line) {
        Matcher guess = GUESS.matcher(line);
        return guess.matches()
                ? !SelectGuard.isRefused(guess.group(1))
                : line.startsWith("Candidate ") && !line.startsWith("Candidate functions");
    }

    private static boolean isInternal(String reason, Ask ask) {
        return INTERNAL.stream()
                        .anyMatch(word -> reason.contains(word) && !ask.sql().contains(word))
                || ask.files().stream()
                        .map(file -> Path.of(file.path()).getParent())
                        .anyMatch(folder -> folder != null && reason.contains(folder.toString()));
    }

    private static String type(java.util.regex.MatchResult width) {
        return switch (width.group(1)) {
            case "8" -> "TINYINT";
            case "16" -> "SMALLINT";
            case "32" -> "INTEGER";
            case "64" -> "BIGINT";
            default -> "HUGEINT";
        };
    }
}
