package dev.quintet.server;

import dev.quintet.platform.caller.Caller;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * The systems of this server with their figures, as the console's first page and the demo's meter
 * show them.
 */
final class Overview {

    /**
     * What a system tells of an organisation.
     *
     * @param problem why a part of the system has stopped; empty while all of it works
     */
    record Overseen(
            Systems system,
            Function<UUID, Map<String, Long>> figures,
            Supplier<Optional<String>> problem) {}

    record Figure(String name, long value) {}

    /**
     * @param problem why a part of it has stopped, told to the operator alone
     */
    record ShownSystem(String name, List<Figure> figures, Optional<String> problem) {}

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
                        .map(seen ->
                                new ShownSystem(
                                        seen.system().wire(),
                                        figures(seen, caller),
                                        seen.problem().get().filter(any -> caller.isOperator())))
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
