package dev.quintet.platform.api;

import static dev.quintet.platform.caller.CallerRefusal.INVALID_NAME;
import static dev.quintet.platform.caller.CallerRefusal.NO_SUCH_KEY;
import static dev.quintet.platform.caller.CallerRefusal.NO_SUCH_ORGANISATION;
import static dev.quintet.platform.caller.CallerRefusal.SCOPE_NOT_YOURS;
import static dev.quintet.platform.caller.CallerRefusal.UNKNOWN_SCOPE;
import static dev.quintet.platform.sql.SqlRefusal.IDEMPOTENCY_KEY_REUSED;

import dev.quintet.platform.IdKind;
import dev.quintet.platform.Nearest;
import dev.quintet.platform.PlatformRefusal;
import dev.quintet.platform.audit.Act;
import dev.quintet.platform.audit.Audit;
import dev.quintet.platform.caller.ApiKey;
import dev.quintet.platform.caller.ApiKeys;
import dev.quintet.platform.caller.Caller;
import dev.quintet.platform.caller.Organisations;
import dev.quintet.platform.caller.Scope;
import dev.quintet.platform.http.HttpRefusal;
import dev.quintet.platform.http.Idempotency;
import dev.quintet.platform.http.Request;
import dev.quintet.platform.http.Response;
import dev.quintet.platform.http.Route;
import dev.quintet.platform.http.Routes;
import dev.quintet.platform.sql.Database;
import dev.quintet.platform.sql.Tx;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/** {@code /api/v1/keys} and {@code /api/v1/organisations}. */
public final class KeyRoutes {

    private static final int MOST_LISTED = 200;

    /**
     * @param organisation another one than the caller's; for the operator only
     */
    record NewKey(String name, List<String> scopes, Optional<String> organisation) {}

    /** The only answer that ever holds the key. */
    record MadeKey(String id, String key, String name, List<String> scopes, String organisation) {}

    record ShownKey(
            String id,
            String name,
            List<String> scopes,
            Instant madeAt,
            Optional<Instant> lastUsedAt) {}

    record KeyList(List<ShownKey> items, Optional<String> next) {}

    record NewOrganisation(String name) {}

    record MadeOrganisation(String id) {}

    private final Database db;
    private final ApiKeys keys;
    private final Organisations organisations;
    private final Audit audit;
    private final Idempotency idempotency;

    public KeyRoutes(
            Database db,
            ApiKeys keys,
            Organisations organisations,
            Audit audit,
            Idempotency idempotency) {
        this.db = db;
        this.keys = keys;
        this.organisations = organisations;
        this.audit = audit;
        this.idempotency = idempotency;
    }

    public Routes routes() {
        return Routes.of(
                "platform",
                Route.post("/api/v1/keys")
                        .scope(Scope.KEYS_WRITE)
                        .takes(NewKey.class)
                        .gives(201, MadeKey.class)
                        .refuses(
                                UNKNOWN_SCOPE,
                                SCOPE_NOT_YOURS,
                                INVALID_NAME,
                                NO_SUCH_ORGANISATION,
                                IDEMPOTENCY_KEY_REUSED)
                        .says("Makes an API key; its text is in this answer and nowhere else.")
                        .by(this::make),
                Route.get("/api/v1/keys")
                        .scope(Scope.KEYS_WRITE)
                        .gives(200, KeyList.class)
                        .query("after", "the 'next' of the page before")
                        .query("limit", "1 to 200, 100 if missing")
                        .says("Lists the organisation's keys that are not revoked, oldest first.")
                        .by(this::list),
                Route.delete("/api/v1/keys/{id}")
                        .scope(Scope.KEYS_WRITE)
                        .gives(204)
                        .refuses(
                                NO_SUCH_KEY,
                                PlatformRefusal.NOT_AN_ID,
                                PlatformRefusal.WRONG_ID_KIND)
                        .says("Revokes a key; every node refuses it within a second.")
                        .by(this::revoke),
                Route.post("/api/v1/organisations")
                        .scope(Scope.ADMIN)
                        .takes(NewOrganisation.class)
                        .gives(201, MadeOrganisation.class)
                        .refuses(INVALID_NAME, HttpRefusal.MISSING_SCOPE, IDEMPOTENCY_KEY_REUSED)
                        .says("Adds an organisation; for the operator's own credentials.")
                        .by(this::makeOrganisation));
    }

    private Response make(Request request) {
        NewKey wanted = request.json(NewKey.class);
        Caller caller = request.caller();
        Set<Scope> scopes = scopes(wanted.scopes(), caller);
        UUID organisation =
                wanted.organisation().map(IdKind.ORGANISATION::parse).orElse(caller.organisation());
        return idempotency
                .answer(
                        request,
                        201,
                        tx -> {
                            requireReach(tx, caller, organisation);
                            ApiKey.Made made = keys.make(tx, organisation, wanted.name(), scopes);
                            String id = ApiKeys.KEY.show(made.id());
                            String its = IdKind.ORGANISATION.show(organisation);
                            Map<String, Object> facts =
                                    Map.of("scopes", wire(scopes), "organisation", its);
                            audit.record(tx, act(request, "key.make", id).with(facts));
                            return new MadeKey(id, made.secret(), wanted.name(), wire(scopes), its);
                        })
                .header("Cache-Control", "no-store");
    }

    /** Nobody makes a key that may more than they may themselves. */
    private static Set<Scope> scopes(List<String> named, Caller caller) {
        Set<Scope> scopes = EnumSet.noneOf(Scope.class);
        for (String name : named) {
            Scope scope = Scope.of(name).orElseThrow(() -> unknown(name));
            if (!caller.may(scope)) {
                throw SCOPE_NOT_YOURS.because(name);
            }
            scopes.add(scope);
        }
        return scopes;
    }

    private static RuntimeException unknown(String name) {
        String shown = name.length() > 60 ? name.substring(0, 60) : name;
        return UNKNOWN_SCOPE.because(
                shown, String.join(", ", Scope.words()), Nearest.to(shown, Scope.words()));
    }

    private void requireReach(Tx tx, Caller caller, UUID organisation) {
        boolean own = organisation.equals(caller.organisation());
        if (!own && !(caller.isOperator() && organisations.exists(tx, organisation))) {
            throw NO_SUCH_ORGANISATION.because(IdKind.ORGANISATION.show(organisation));
        }
    }

    private Response list(Request request) {
        int limit = request.query("limit", 1, MOST_LISTED, 100);
        Optional<UUID> after = request.query("after").map(ApiKeys.KEY::parse);
        List<ApiKey> found =
                db.read(
                        request.deadline(),
                        tx -> keys.list(tx, request.caller().organisation(), after, limit));
        Optional<String> next =
                found.size() < limit
                        ? Optional.empty()
                        : Optional.of(ApiKeys.KEY.show(found.getLast().id()));
        return Response.json(new KeyList(found.stream().map(KeyRoutes::shown).toList(), next));
    }

    private static ShownKey shown(ApiKey key) {
        return new ShownKey(
                ApiKeys.KEY.show(key.id()),
                key.name(),
                wire(key.scopes()),
                key.madeAt(),
                key.lastUsedAt());
    }

    private static List<String> wire(Set<Scope> scopes) {
        return scopes.stream().map(Scope::wire).sorted().toList();
    }

    private Response revoke(Request request) {
        UUID id = request.path("id", ApiKeys.KEY);
        db.tx(
                request.deadline(),
                tx -> {
                    keys.revoke(tx, request.caller().organisation(), id);
                    audit.record(tx, act(request, "key.revoke", ApiKeys.KEY.show(id)));
                    return true;
                });
        return Response.empty(204);
    }

    private Response makeOrganisation(Request request) {
        request.requireOperator();
        NewOrganisation wanted = request.json(NewOrganisation.class);
        return idempotency.answer(
                request,
                201,
                tx -> {
                    String id = IdKind.ORGANISATION.show(organisations.make(tx, wanted.name()));
                    audit.record(tx, act(request, "organisation.make", id));
                    return new MadeOrganisation(id);
                });
    }

    private static Act act(Request request, String action, String target) {
        return Act.done(request.caller(), request.head().client(), action, target);
    }
}
