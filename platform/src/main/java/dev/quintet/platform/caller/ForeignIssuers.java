package dev.quintet.platform.caller;

import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.quintet.platform.egress.Egress;
import dev.quintet.platform.people.People;
import dev.quintet.platform.people.Profile;
import dev.quintet.platform.sql.Database;
import java.text.ParseException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * Access tokens of issuers that the operator trusts besides our own. Their users belong to the
 * server's own organisation and become people at first sight.
 */
public final class ForeignIssuers {

    private static final String VERSION = "people";
    private static final int MOST_CACHED = 10_000;

    /** How long an erased person's token may still act under the old id. */
    private static final Duration CACHED = Duration.ofSeconds(5);

    private static final int LONGEST_TOKEN = 16_384;

    private record Subject(String issuer, String name) {}

    private final Map<String, ForeignIssuer> issuers = new LinkedHashMap<>();
    private final Database db;
    private final People people;
    private final VersionedCache<Subject, UUID> persons;

    public ForeignIssuers(
            CallerConfig config,
            Database db,
            People people,
            Egress egress,
            Versions versions,
            InstantSource time) {
        this.db = db;
        this.people = people;
        this.persons = new VersionedCache<>(versions, VERSION, MOST_CACHED, CACHED);
        config.issuers()
                .forEach(issuer ->
                        issuers.put(issuer.issuer(), new ForeignIssuer(issuer, egress, time)));
    }

    /** An {@link Authenticator}. */
    public Optional<Caller> authenticate(String bearer) {
        if (issuers.isEmpty() || bearer.length() > LONGEST_TOKEN || bearer.indexOf('.') < 0) {
            return Optional.empty();
        }
        try {
            SignedJWT token = SignedJWT.parse(bearer);
            // Not believed yet: it only says whose keys to try.
            String name = token.getJWTClaimsSet().getIssuer();
            ForeignIssuer issuer = name == null ? null : issuers.get(name);
            if (issuer == null) {
                return Optional.empty();
            }
            Optional<JWTClaimsSet> claims = issuer.verify(token);
            return claims.isEmpty()
                    ? Optional.empty()
                    : Optional.of(caller(issuer.config(), claims.get()));
        } catch (ParseException notAToken) {
            return Optional.empty();
        }
    }

    private Caller caller(CallerConfig.Issuer issuer, JWTClaimsSet claims) throws ParseException {
        Subject subject = new Subject(issuer.issuer(), claims.getSubject());
        Profile profile = profile(claims);
        UUID person = persons.get(subject, unknown -> see(unknown, profile));
        return new Caller(
                "subject:" + person, Caller.ROOT, Optional.of(person), rights(issuer, claims));
    }

    private UUID see(Subject subject, Profile profile) {
        return db.tx(tx -> people.seen(tx, Caller.ROOT, subject.issuer(), subject.name(), profile));
    }

    /** What the operator grants; less, where the token names some of our scopes itself. */
    private static Set<Scope> rights(CallerConfig.Issuer issuer, JWTClaimsSet claims)
            throws ParseException {
        Set<Scope> granted = EnumSet.noneOf(Scope.class);
        issuer.scopes().stream().flatMap(wire -> Scope.of(wire).stream()).forEach(granted::add);
        String named = claims.getStringClaim("scope");
        if (named != null) {
            Set<Scope> ours = EnumSet.noneOf(Scope.class);
            Arrays.stream(named.split(" "))
                    .flatMap(wire -> Scope.of(wire).stream())
                    .forEach(ours::add);
            if (!ours.isEmpty() && !ours.contains(Scope.ADMIN)) {
                granted.retainAll(ours);
            }
        }
        return granted;
    }

    /** What the token says of its subject, as far as it is well formed; the rest is left out. */
    private static Profile profile(JWTClaimsSet claims) {
        return Profile.ofValid(
                text(claims, "name"),
                Boolean.TRUE.equals(claims.getClaim("email_verified"))
                        ? text(claims, "email")
                        : Optional.empty(),
                text(claims, "locale"),
                text(claims, "zoneinfo"));
    }

    private static Optional<String> text(JWTClaimsSet claims, String name) {
        return claims.getClaim(name) instanceof String text ? Optional.of(text) : Optional.empty();
    }
}
