package dev.quintet.platform.audit;

import dev.quintet.platform.caller.Caller;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * Something that somebody did.
 *
 * @param who the credential ({@code key:...}, {@code session:...}) or the part of the server
 * @param person in whose name
 * @param action {@code noun.verb}, e.g. {@code key.revoke}
 * @param target the shown id of what it was done to
 * @param address the client's address; empty for the server itself
 * @param facts small and without secrets
 */
public record Act(
        UUID organisation,
        String who,
        Optional<UUID> person,
        String action,
        String target,
        Result result,
        String address,
        Map<String, Object> facts) {

    /** How it ended. */
    public enum Result {
        DONE,
        REFUSED
    }

    public Act {
        facts = Map.copyOf(facts);
    }

    /** A caller did it. */
    public static Act done(Caller caller, String address, String action, String target) {
        return new Act(
                caller.organisation(),
                caller.credential(),
                caller.person(),
                action,
                target,
                Result.DONE,
                address,
                Map.of());
    }

    /** The server did it by itself, e.g. an alarm. */
    public static Act byServer(UUID organisation, String part, String action, String target) {
        return new Act(
                organisation, part, Optional.empty(), action, target, Result.DONE, "", Map.of());
    }

    /** The same, asked for from this address. */
    public Act from(String client) {
        return new Act(organisation, who, person, action, target, result, client, facts);
    }

    public Act with(Map<String, Object> more) {
        return new Act(organisation, who, person, action, target, result, address, more);
    }
}
