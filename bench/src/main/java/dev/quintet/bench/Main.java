package dev.quintet.bench;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code ./quintet bench NAME}: one subcommand for each page of figures. */
@Command(
        name = "quintet bench",
        description = "Measures the built server; keeps the figures in bench/results.",
        subcommands = {
            StartBench.class,
            SlicesBench.class,
            SlowBench.class,
            RollingBench.class,
            FloodBench.class,
            AnalyticsBench.class,
            JourneyBench.class
        },
        subcommandsRepeatable = false)
public final class Main {

    private Main() {}

    public static void main(String[] arguments) {
        System.exit(
                new CommandLine(new Main())
                        .setCaseInsensitiveEnumValuesAllowed(true)
                        .execute(arguments));
    }
}
