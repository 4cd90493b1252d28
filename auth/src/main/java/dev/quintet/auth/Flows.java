package dev.quintet.auth;

import dev.quintet.platform.http.Json;
import dev.quintet.platform.keys.Keys;
import dev.quintet.platform.keys.NotSealedHere;
import dev.quintet.platform.keys.Place;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What a page remembers of the request that led to it, sealed into its form: nothing is stored. It
 * opens only at the step it was made for and only in the browser it was made for, so it is the
 * form's protection against forgery too.
 */
final class Flows {

    // Long enough to look up a password, short enough that a forgotten page does nothing.
    private static final Duration LIFE = Duration.ofHours(1);

    /** The steps; a flow of one is worthless at another. */
    enum Step {
        LOGIN,
        CONSENT,
        LOGOUT
    }

    private record Sealed(Instant until, Map<String, String> values) {}

    private final Keys keys;
    private final InstantSource time;

    Flows(Keys keys, InstantSource time) {
        this.keys = keys;
        this.time = time;
    }

    String seal(Step step, Parameters parameters, String browserMark) {
        byte[] content = Json.write(new Sealed(time.instant().plus(LIFE), parameters.values()));
        return Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(keys.seal(content, place(step, browserMark)));
    }

    /** Empty for a flow of another step or browser, one that is too old, and anything else. */
    Optional<Parameters> open(Step step, String flow, String browserMark) {
        try {
            byte[] content =
                    keys.open(Base64.getUrlDecoder().decode(flow), place(step, browserMark));
            Sealed sealed = Json.read(content, Sealed.class);
            return sealed.until().isBefore(time.instant())
                    ? Optional.empty()
                    : Optional.of(new Parameters(sealed.values(), Set.of()));
        } catch (NotSealedHere | IllegalArgumentException notOurs) {
            return Optional.empty();
        }
    }

    private static Place place(Step step, String browserMark) {
        return new Place("auth.flows", step.name(), browserMark);
    }
}
