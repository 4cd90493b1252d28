package dev.quintet.bench;

import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * One run's figures as a Markdown page: how they came about on top, then tables and notes. It is
 * printed as it grows, and refuses to be kept without what makes a figure comparable.
 */
public final class Results {

    /** What every page says on top, in this order. */
    private static final List<String> REQUIRED =
            List.of("command", "commit", "machine", "jdk", "load before", "show fsync");

    private final String bench;
    private final PrintStream out;
    private final Map<String, String> facts = new LinkedHashMap<>();
    private final List<String> lines = new ArrayList<>();
    private boolean limited;
    private int columns;

    public Results(String bench, PrintStream out) {
        this.bench = bench;
        this.out = out;
    }

    /** A page that knows its machine and its commit. */
    static Results here(String bench, List<String> arguments, Checkout checkout, PrintStream out) {
        Results results = new Results(bench, out);
        results.fact(
                "command",
                "./quintet bench " + bench.split("-", 2)[0] + " " + String.join(" ", arguments));
        Machine.facts(checkout).forEach(results::fact);
        return results;
    }

    /** Something that holds for all figures of the page. */
    public void fact(String name, String value) {
        if (value.isBlank()) {
            throw new IllegalArgumentException("nothing is known of " + name);
        }
        facts.put(name, value);
        out.println(name + ": " + value);
    }

    /** What the machine itself can do, measured in this run: without it no figure says much. */
    public void limit(String name, Spread measured, String unit) {
        limited = true;
        fact("limit: " + name, measured.shown() + " " + unit);
    }

    public void table(String title, String... names) {
        columns = names.length;
        line("");
        line("## " + title);
        line("");
        line("| " + String.join(" | ", names) + " |");
        line("|" + "---|".repeat(columns));
    }

    public void row(String... cells) {
        if (cells.length != columns) {
            throw new IllegalArgumentException(cells.length + " cells in " + columns + " columns");
        }
        line("| " + String.join(" | ", cells) + " |");
    }

    public void note(String text) {
        line("");
        line(text);
    }

    /** Keeps the page as {@code BENCH-DATE.md}; a later run of the same day replaces it. */
    public Path write(Path folder, LocalDate day) {
        List<String> missing = REQUIRED.stream().filter(name -> !facts.containsKey(name)).toList();
        if (!missing.isEmpty() || !limited) {
            throw new IllegalStateException(
                    "these figures are not kept, because nothing is said of: "
                            + String.join(", ", missing)
                            + (limited ? "" : " what the machine itself can do"));
        }
        Path page = folder.resolve(bench + "-" + day + ".md");
        try {
            Files.createDirectories(folder);
            Files.writeString(page, text());
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
        out.println("kept in " + page);
        return page;
    }

    private String text() {
        String top =
                facts.entrySet().stream()
                        .map(fact -> "- " + fact.getKey() + ": " + fact.getValue() + "\n")
                        .collect(Collectors.joining());
        return "# bench " + bench + "\n\n" + top + String.join("\n", lines) + "\n";
    }

    private void line(String text) {
        lines.add(text);
        out.println(text);
    }
}
