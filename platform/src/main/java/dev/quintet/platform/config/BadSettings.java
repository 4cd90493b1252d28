package dev.quintet.platform.config;

import java.util.List;
import java.util.stream.Collectors;

/** The settings do not allow a start; names every problem, not only the first. */
public final class BadSettings extends RuntimeException {

    private static final long serialVersionUID = 1L;

    BadSettings(List<Problem> problems) {
        super(problems.stream().map(Problem::toString).collect(Collectors.joining("\n")));
    }
}
