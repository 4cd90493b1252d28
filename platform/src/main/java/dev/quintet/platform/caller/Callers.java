package dev.quintet.platform.caller;

import java.util.List;
import java.util.Optional;

/** Asks each authenticator in turn; the first that knows the credential decides. */
public final class Callers implements Authenticator {

    private final List<Authenticator> authenticators;

    public Callers(List<Authenticator> authenticators) {
        this.authenticators = List.copyOf(authenticators);
    }

    @Override
    public Optional<Caller> authenticate(String bearer) {
        for (Authenticator authenticator : authenticators) {
            Optional<Caller> caller = authenticator.authenticate(bearer);
            if (caller.isPresent()) {
                return caller;
            }
        }
        return Optional.empty();
    }
}
