package dev.quintet.files;

import dev.quintet.platform.caller.Caller;
import dev.quintet.platform.caller.Scope;
import java.util.Optional;
import java.util.UUID;

/**
 * Which files a caller can reach at all: those of its organisation, and of these only its own
 * person's unless it acts for the organisation itself or administers it. Everything else does not
 * exist for it.
 */
public record Reach(UUID organisation, Optional<UUID> person) {

    public static Reach of(Caller caller) {
        return new Reach(
                caller.organisation(),
                caller.may(Scope.ADMIN) ? Optional.empty() : caller.person());
    }
}
