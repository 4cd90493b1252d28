package dev.quintet.bench;

import dev.quintet.bench.journey.Blow;
import dev.quintet.bench.journey.KilledJourney;
import dev.quintet.bench.journey.Watch;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The killed journey, many seeds of each blow; the status tells whether anything was lost. */
@Command(
        name = "journey",
        description = "Kills and drains the server under five clients; nothing may be lost.")
final class JourneyBench implements Callable<Integer> {

    @Option(names = "--runs", description = "Seeds of each blow (default: ${DEFAULT-VALUE}).")
    int runs = 10;

    @Option(
            names = "--seed",
            paramLabel = "SEED",
            description = "The first run's first seed; the others follow it.")
    Optional<Long> seed = Optional.empty();

    @Override
    public Integer call() throws Exception {
        Checkout checkout = Checkout.find();
        long first = seed.orElseGet(() -> (long) new SecureRandom().nextInt(1_000_000));
        Results results =
                Results.here(
                        "journey",
                        List.of("--runs", String.valueOf(runs), "--seed", String.valueOf(first)),
                        checkout,
                        System.out);
        List<String> wrong = new ArrayList<>();
        Map<Blow, List<Double>> silent = new EnumMap<>(Blow.class);
        List<Double> drained = new ArrayList<>();
        List<Blow> blows = List.of(Blow.values());
        try (Scratch scratch = Scratch.in(checkout)) {
            results.limit(
                    "4 KiB append + fsync",
                    new RawDisk(scratch.folder()).forces(4096, 3, Duration.ofSeconds(1)),
                    "a second (what a commit costs at least)");
            results.table(
                    "Blows",
                    "blow",
                    "seed",
                    "acknowledged before",
                    "under way",
                    "broken",
                    "seconds until all five systems acknowledged again");
            for (int run = 0; run < runs; run++) {
                long from = first + (long) run * blows.size();
                List<Long> seeds =
                        Stream.iterate(from, next -> next + 1).limit(blows.size()).toList();
                KilledJourney.Outcome outcome =
                        KilledJourney.run(
                                scratch.folder().resolve("run" + run),
                                blows,
                                seeds,
                                KilledJourney.BEFORE,
                                Watch.NOBODY);
                if (run == 0) {
                    results.fact("show fsync", outcome.fsync());
                }
                for (KilledJourney.Struck one : outcome.struck()) {
                    silent.computeIfAbsent(one.blow(), any -> new ArrayList<>())
                            .add(seconds(one.silent()));
                    results.row(
                            one.blow().name(),
                            String.valueOf(one.seed()),
                            String.valueOf(one.acknowledged()),
                            String.valueOf(one.underWay()),
                            String.valueOf(one.broken()),
                            Spread.number(seconds(one.silent())));
                }
                drained.add(seconds(outcome.drained()));
                wrong.addAll(outcome.wrong());
            }
        }
        silent.forEach(
                (blow, values) -> results.note(blow + ": silent for " + spread(values) + " s"));
        results.note("SIGTERM to exit 0: " + spread(drained) + " s (promised: 30)");
        results.note(
                wrong.isEmpty()
                        ? "Nothing that was acknowledged was lost or doubled."
                        : "WRONG: " + String.join("; ", wrong));
        results.write(checkout.results(), LocalDate.now(ZoneOffset.UTC));
        return wrong.isEmpty() ? 0 : 1;
    }

    private static double seconds(Duration duration) {
        return duration.toNanos() / 1e9;
    }

    private static String spread(List<Double> values) {
        return Spread.of(values.stream().mapToDouble(Double::doubleValue).toArray()).shown();
    }
}
