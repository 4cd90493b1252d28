package dev.quintet.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What {@code /proc} says of one process and of those below it. */
record Processes(long pid) {

    // USER_HZ: 100 on every Linux that Java runs on.
    private static final Duration TICK = Duration.ofMillis(10);

    /**
     * @param parent the parent's id
     * @param own processor time of the process itself
     * @param reaped processor time of its children that ended
     */
    private record Stat(char state, long parent, Duration own, Duration reaped) {}

    boolean isAlive() {
        try {
            return "ZX".indexOf(stat(pid).state()) < 0;
        } catch (UncheckedIOException gone) {
            return false;
        }
    }

    /** Processor time of this process alone. */
    Duration cpu() {
        return stat(pid).own();
    }

    /** Processor time of all that this process ever started. */
    Duration cpuBelow() {
        Duration total = stat(pid).reaped();
        for (long child : below()) {
            try {
                Stat stat = stat(child);
                total = total.plus(stat.own()).plus(stat.reaped());
            } catch (UncheckedIOException ended) {
                // Its time is in its parent's count of ended children from now on.
            }
        }
        return total;
    }

    /** Proportional memory of this process alone, in bytes. */
    long pss() {
        return pss(pid);
    }

    long pssBelow() {
        return below().stream().mapToLong(Processes::pss).sum();
    }

    /** Children, their children and so on. */
    List<Long> below() {
        Map<Long, List<Long>> children = new HashMap<>();
        try (DirectoryStream<Path> all = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
            for (Path folder : all) {
                long child = Long.parseLong(folder.getFileName().toString());
                try {
                    children.computeIfAbsent(stat(child).parent(), any -> new ArrayList<>())
                            .add(child);
                } catch (UncheckedIOException ended) {
                    // Between the listing and now.
                }
            }
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
        List<Long> found = new ArrayList<>(children.getOrDefault(pid, List.of()));
        for (int at = 0; at < found.size(); at++) {
            found.addAll(children.getOrDefault(found.get(at), List.of()));
        }
        return found;
    }

    private static long pss(long pid) {
        try {
            for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/smaps_rollup"))) {
                if (line.startsWith("Pss:")) {
                    return Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024;
                }
            }
            return 0;
        } catch (IOException unreadable) {
            throw new UncheckedIOException("the memory of process " + pid, unreadable);
        }
    }

    private static Stat stat(long pid) {
        try {
            String line = Files.readString(Path.of("/proc/" + pid + "/stat"));
            // The name in parentheses may hold anything; what follows starts with field 3.
            String[] fields = line.substring(line.lastIndexOf(')') + 2).split(" ", -1);
            return new Stat(
                    fields[0].charAt(0),
                    Long.parseLong(fields[1]),
                    ticks(fields[11]).plus(ticks(fields[12])),
                    ticks(fields[13]).plus(ticks(fields[14])));
        } catch (IOException gone) {
            throw new UncheckedIOException("no process " + pid, gone);
        }
    }

    private static Duration ticks(String count) {
        return TICK.multipliedBy(Long.parseLong(count));
    }
}
