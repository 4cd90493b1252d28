package dev.quintet.auth;

import java.time.Duration;
import java.util.Optional;

/**
 * What the browser is told to keep besides what it has.
 *
 * @param begun a flow that begins here
 * @param ended the id of a flow that is over
 * @param session the secret of its session; an empty one takes the cookie away
 */
public record Keep(
        Optional<Flow> begun,
        Optional<String> ended,
        Optional<String> session,
        Optional<String> device) {

    /** How long a flow's cookie is worth keeping. */
    public static final Duration LIFE = Flows.LIFE;

    static final Keep AS_IT_IS =
            new Keep(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());

    /** A flow's cookie. */
    public record Flow(String id, String secret) {}

    static Keep session(String secret, Optional<String> device) {
        return new Keep(Optional.empty(), Optional.empty(), Optional.of(secret), device);
    }

    Keep begins(Flows.Begun flow) {
        return new Keep(Optional.of(new Flow(flow.id(), flow.secret())), ended, session, device);
    }

    Keep ends(String flow) {
        return new Keep(begun, Optional.of(flow), session, device);
    }
}
