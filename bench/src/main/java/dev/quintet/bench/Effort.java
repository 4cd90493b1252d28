package dev.quintet.bench;

import java.time.Duration;
import java.util.List;

/** Who used how much of the processors between two moments. */
record Effort(double seconds, double server, double children, double postgres, double bench) {

    /** What was used up to now. */
    private record Reading(
            long nanos, Duration server, Duration children, Duration postgres, Duration bench) {

        static Reading of(QuintetProcess process) {
            Processes server = new Processes(process.pid());
            Processes postmaster = new Processes(process.postmaster().orElseThrow());
            return new Reading(
                    System.nanoTime(),
                    server.cpu(),
                    server.cpuBelow(),
                    postmaster.cpu().plus(postmaster.cpuBelow()),
                    new Processes(ProcessHandle.current().pid()).cpu());
        }
    }

    interface Timed<T> {
        T run();
    }

    record Of<T>(T result, Effort effort) {}

    static <T> Of<T> during(QuintetProcess process, Timed<T> work) {
        Reading before = Reading.of(process);
        T result = work.run();
        Reading after = Reading.of(process);
        return new Of<>(
                result,
                new Effort(
                        (after.nanos - before.nanos) / 1e9,
                        between(before.server, after.server),
                        between(before.children, after.children),
                        between(before.postgres, after.postgres),
                        between(before.bench, after.bench)));
    }

    private static double between(Duration before, Duration after) {
        return after.minus(before).toNanos() / 1e9;
    }

    /** One of those who worked. */
    interface Part {
        double of(Effort effort);
    }

    /** Microseconds that a part used for each operation: the middle of all runs. */
    static String each(List<Of<Slice.Work>> runs, Part part) {
        double[] micros =
                runs.stream()
                        .mapToDouble(run -> part.of(run.effort) * 1e6 / run.result.operations())
                        .toArray();
        return Spread.number(new Spread(micros).median());
    }

    /** Operations a second. */
    static Spread rates(List<Of<Slice.Work>> runs) {
        return new Spread(runs.stream().mapToDouble(run -> run.result.rate()).toArray());
    }

    /** How busy the processors were, and with whom, in percent of all of them. */
    String busy() {
        double all = seconds * Runtime.getRuntime().availableProcessors() / 100;
        return "%.0f %%: server %.0f, its children %.0f, PostgreSQL %.0f, load %.0f"
                .formatted(
                        (server + children + postgres + bench) / all,
                        server / all,
                        children / all,
                        postgres / all,
                        bench / all);
    }
}
