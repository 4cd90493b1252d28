package dev.quintet.server;

import com.sun.management.HotSpotDiagnosticMXBean;
import dev.quintet.analytics.AnalyticsConfig;
import dev.quintet.analytics.lake.ChildMemory;
import dev.quintet.platform.DataSize;
import dev.quintet.platform.StartRefused;
import java.lang.management.ManagementFactory;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The one budget of memory, and what each part of the server may take of it at most. The launcher
 * derives the heap and the share of the sockets and passes the budget on; without one (a JVM that
 * was started by hand) the parts have fixed sizes and nothing is refused.
 */
record Memory(Optional<DataSize> budget, DataSize heap, DataSize direct) {

    /** Classes, compiled code, threads and the collector, measured under the load of the bench. */
    private static final DataSize JVM = DataSize.mebibytes(160);

    /** What PostgreSQL's processes have for themselves. */
    private static final DataSize BACKENDS = DataSize.mebibytes(128);

    private static final int SHARE = 16;

    static Memory ofThisProcess() {
        return new Memory(
                Optional.ofNullable(System.getProperty("quintet.memory")).map(DataSize::parse),
                new DataSize(Runtime.getRuntime().maxMemory()),
                maxDirect());
    }

    /** What one engine that reads the lake may take where the settings do not say. */
    DataSize engine() {
        return share(64, 1024, 256);
    }

    /** What the embedded PostgreSQL shares between its processes. */
    DataSize postgresBuffers() {
        return share(32, 512, 128);
    }

    private DataSize share(long least, long most, long unknown) {
        return budget.map(size ->
                        DataSize.mebibytes(Math.clamp((size.bytes() >> 20) / SHARE, least, most)))
                .orElse(DataSize.mebibytes(unknown));
    }

    /** The parts at their largest, by name. */
    Map<String, DataSize> parts(QuintetConfig config, Set<Systems> systems) {
        Map<String, DataSize> parts = new LinkedHashMap<>();
        parts.put("heap", heap);
        parts.put("sockets", direct);
        parts.put("the JVM itself", JVM);
        if (config.database().url().isEmpty()) {
            parts.put("PostgreSQL", sum(postgresBuffers(), BACKENDS));
        }
        if (systems.contains(Systems.ANALYTICS)) {
            AnalyticsConfig analytics = config.analytics();
            ChildMemory query =
                    new ChildMemory(
                            analytics.queryMemory().orElse(engine()), analytics.queryAnswer());
            int queries = analytics.queriesAtOnce();
            parts.put(queries + " queries", new DataSize(query.whole().bytes() * queries));
            parts.put("loader", ChildMemory.ofLoader(analytics.loaderMemory(engine())).whole());
        }
        return parts;
    }

    /** Says what goes where; refuses parts that do not fit. */
    String split(QuintetConfig config, Set<Systems> systems) {
        Map<String, DataSize> parts = parts(config, systems);
        long needed = parts.values().stream().mapToLong(DataSize::bytes).sum();
        String split =
                parts.entrySet().stream()
                        .map(part -> part.getKey() + " " + mebibytes(part.getValue().bytes()))
                        .collect(Collectors.joining(" + "));
        if (budget.isPresent() && needed > budget.get().bytes()) {
            throw new StartRefused(
                    "the memory budget of %d MiB is too small: %s = %d MiB; give more by --memory, or need less: fewer systems (--only), analytics.queriesAtOnce, analytics.queryMemory, analytics.loaderMemory"
                            .formatted(mebibytes(budget.get().bytes()), split, mebibytes(needed)));
        }
        return "%s = %d MiB of %s"
                .formatted(
                        split,
                        mebibytes(needed),
                        budget.map(size -> mebibytes(size.bytes()) + " MiB")
                                .orElse("no given budget"));
    }

    private static DataSize sum(DataSize one, DataSize other) {
        return new DataSize(one.bytes() + other.bytes());
    }

    private static long mebibytes(long bytes) {
        return bytes >> 20;
    }

    private static DataSize maxDirect() {
        long given =
                Long.parseLong(
                        ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
                                .getVMOption("MaxDirectMemorySize")
                                .getValue());
        // Unset, the JVM allows as much as the heap.
        return new DataSize(given > 0 ? given : Runtime.getRuntime().maxMemory());
    }
}
