package dev.quintet.platform.http;

import dev.quintet.platform.caller.Scope;

/** Who may use a route. */
public sealed interface Access {

    /** Callers that hold the scope. */
    record Scoped(Scope scope) implements Access {}

    /**
     * Anyone, or whoever the protocol's own check lets through.
     *
     * @param reason why no scope is asked, or what is asked in its place
     */
    record Public(String reason) implements Access {

        public Public {
            if (reason.isBlank()) {
                throw new IllegalArgumentException("a public route says why it is public");
            }
        }
    }
}
