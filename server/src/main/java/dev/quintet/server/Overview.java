package dev.quintet.server;

import dev.quintet.platform.caller.Caller;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.LongSupplier;

/**
 * The systems of this server with their figures, as the console's first page and the demo's meter
 * show them.
 */
final class Overview {

    /** What a system tells of an organisation. */
    record Overseen(Systems system, Function<UUID, Map<String, Long>> figures) {}

    record Figure(String name, long value) {}

    record ShownSystem(String name, List<Figure> figures) {}

    /**
     * @param parked how many events wait because a subscriber could not take them; told to the
     *     operator alone
     */
    record Shown(List<ShownSystem> systems, Optional<Long> parked) {}

    private final List<Overseen> systems;
    private final LongSupplier parked;

    Overview(List<Overseen> systems, LongSupplier parked) {
        this.systems = List.copyOf(systems);
        this.parked = parked;
    }

    Shown shown(Caller caller) {
        return new Shown(
                systems.stream()
                        .map(seen -> new ShownSystem(seen.system().wire(), figures(seen, caller)))
                        .toList(),
                caller.isOperator() ? Optional.of(parked.getAsLong()) : Optional.empty());
    }

    private static List<Figure> figures(Overseen seen, Caller caller) {
        return new TreeMap<>(seen.figures().apply(caller.organisation()))
                .entrySet().stream()
                        .map(figure -> new Figure(figure.getKey(), figure.getValue()))
                        .toList();
    }

    /** Analytics' figures alone. */
    Map<String, Long> meter(Caller caller) {
        return systems.stream()
                .filter(seen -> seen.system() == Systems.ANALYTICS)
                .findFirst()
                .map(seen -> seen.figures().apply(caller.organisation()))
                .orElse(Map.of());
    }
}
