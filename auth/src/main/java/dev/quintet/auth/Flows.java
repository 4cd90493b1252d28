package dev.quintet.auth;

import dev.quintet.auth.Secrets.Kind;
import dev.quintet.platform.http.Json;
import dev.quintet.platform.keys.Keys;
import dev.quintet.platform.keys.NotSealedHere;
import dev.quintet.platform.keys.Place;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What a page remembers of the request that led to it, sealed into its form: nothing is stored. A
 * form counts only at the step that its flow was made for and together with the flow's own cookie,
 * so the flow is the form's protection against forgery too. Without the cookie it still says what
 * was asked for, no more than the request's own address did.
 */
final class Flows {

    // Long enough to look up a password, short enough that a forgotten page does nothing.
    static final Duration LIFE = Duration.ofHours(1);

    /** The steps; a flow of one is worthless at another. */
    enum Step {
        LOGIN,
        CONSENT,
        LOGOUT
    }

    /**
     * A flow as it goes to the page and, by its cookie, to the browser.
     *
     * @param id names the cookie; sorts by age
     */
    record Begun(String id, String secret, String text) {}

    /**
     * A flow as it came back.
     *
     * @param whose the person or session that it was made for; empty for anybody
     * @param again whether it replaced one that had no cookie
     * @param good whether its own cookie came with it, in time
     */
    record Opened(
            String id,
            Parameters parameters,
            String whose,
            Instant begun,
            boolean again,
            boolean good) {}

    private record Sealed(
            String id,
            String secret,
            Instant begun,
            boolean again,
            String whose,
            Map<String, String> values) {}

    private final Keys keys;
    private final Secrets secrets;
    private final InstantSource time;

    Flows(Keys keys, Secrets secrets, InstantSource time) {
        this.keys = keys;
        this.secrets = secrets;
        this.time = time;
    }

    Begun begin(Step step, Parameters parameters, String whose, boolean again) {
        Instant now = time.instant();
        String secret = secrets.make(Kind.FLOW);
        String id = "%08x%s".formatted(now.getEpochSecond(), secrets.nonce());
        byte[] content = Json.write(new Sealed(id, secret, now, again, whose, parameters.values()));
        String text =
                Base64.getUrlEncoder()
                        .withoutPadding()
                        .encodeToString(keys.seal(content, place(step)));
        return new Begun(id, secret, text);
    }

    /** Empty for a flow of another step, and for anything else that is none of ours. */
    Optional<Opened> open(Step step, String text, Browser browser) {
        try {
            byte[] content = keys.open(Base64.getUrlDecoder().decode(text), place(step));
            Sealed sealed = Json.read(content, Sealed.class);
            boolean own =
                    Optional.ofNullable(browser.flows().get(sealed.id()))
                            .filter(secret -> isSame(secret, sealed.secret()))
                            .isPresent();
            return Optional.of(
                    new Opened(
                            sealed.id(),
                            new Parameters(sealed.values(), Set.of()),
                            sealed.whose(),
                            sealed.begun(),
                            sealed.again(),
                            own && time.instant().isBefore(sealed.begun().plus(LIFE))));
        } catch (NotSealedHere | IllegalArgumentException notOurs) {
            return Optional.empty();
        }
    }

    private static boolean isSame(String one, String other) {
        return MessageDigest.isEqual(
                one.getBytes(StandardCharsets.UTF_8), other.getBytes(StandardCharsets.UTF_8));
    }

    private static Place place(Step step) {
        return new Place("auth.flows", step.name(), "");
    }
}
