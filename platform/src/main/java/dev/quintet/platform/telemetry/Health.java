package dev.quintet.platform.telemetry;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Whether this process lives and whether it wants requests. Alive is true while anything answers at
 * all; ready needs every check to pass, and ends for good when draining begins.
 */
public final class Health {

    /** One thing that the server cannot work without. */
    @FunctionalInterface
    public interface Check {

        /** What is wrong, in one sentence without addresses or secrets; empty when nothing is. */
        Optional<String> problem();
    }

    /**
     * The answer of one moment.
     *
     * @param checks by name: {@code ok}, or what is wrong
     */
    public record Report(boolean ready, Map<String, String> checks) {

        public Report {
            checks = Map.copyOf(checks);
        }
    }

    private final Map<String, Check> checks = new ConcurrentSkipListMap<>();
    private final AtomicReference<Runnable> atFirst = new AtomicReference<>(Health::nothing);
    private volatile boolean started;
    private volatile boolean draining;

    public void require(String name, Check check) {
        if (checks.putIfAbsent(name, check) != null) {
            throw new IllegalStateException("two health checks are called " + name);
        }
    }

    /** All parts are built and listening. */
    public void started() {
        started = true;
        ready();
    }

    /** Runs this once, when the answer is for the first time that the server is ready. */
    public void atFirst(Runnable then) {
        atFirst.set(then);
    }

    /** No new work, please: from now on never ready again. */
    public void drain() {
        draining = true;
    }

    /** Asks every check; each must answer quickly by itself. */
    public Report ready() {
        Map<String, String> answers = new LinkedHashMap<>();
        answers.put("server", draining ? "draining" : started ? "ok" : "starting");
        checks.forEach((name, check) -> answers.put(name, ask(check)));
        boolean ready = answers.values().stream().allMatch("ok"::equals);
        if (ready) {
            atFirst.getAndSet(Health::nothing).run();
        }
        return new Report(ready, answers);
    }

    private static void nothing() {}

    private static String ask(Check check) {
        try {
            return check.problem().orElse("ok");
        } catch (RuntimeException failure) {
            return "the check itself failed: " + failure.getClass().getSimpleName();
        }
    }
}
