package dev.quintet.platform.api;

import dev.quintet.platform.IdKind;
import dev.quintet.platform.audit.Act;
import dev.quintet.platform.audit.Audit;
import dev.quintet.platform.audit.Entry;
import dev.quintet.platform.caller.Scope;
import dev.quintet.platform.http.HttpRefusal;
import dev.quintet.platform.http.Request;
import dev.quintet.platform.http.Response;
import dev.quintet.platform.http.Route;
import dev.quintet.platform.http.Routes;
import dev.quintet.platform.sql.Database;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** {@code GET /api/v1/audit}: who did what in the caller's organisation. */
public final class AuditRoutes {

    private static final int MOST_LISTED = 1_000;

    record Shown(
            String position,
            Instant at,
            String who,
            Optional<String> person,
            String action,
            String target,
            String result,
            String address,
            Map<String, Object> facts) {}

    record Page(List<Shown> items, Optional<String> next) {}

    private final Database db;
    private final Audit audit;

    public AuditRoutes(Database db, Audit audit) {
        this.db = db;
        this.audit = audit;
    }

    public Routes routes() {
        return Routes.of(
                "platform",
                Route.get("/api/v1/audit")
                        .scope(Scope.AUDIT_READ)
                        .gives(200, Page.class)
                        .refuses(HttpRefusal.INVALID_PARAMETER)
                        .query(
                                "after",
                                "the 'next' of the page before; missing, from the beginning")
                        .query("limit", "1 to 1000, 100 if missing")
                        .says("Shows what was done, oldest first.")
                        .by(this::page));
    }

    private Response page(Request request) {
        int limit = request.query("limit", 1, MOST_LISTED, 100);
        long after = request.position("after");
        List<Entry> found =
                db.read(
                        request.deadline(),
                        tx -> audit.after(tx, request.caller().organisation(), after, limit));
        // A full page has a next one to ask for; so has the end, for whoever follows the trail.
        Optional<String> next =
                found.isEmpty()
                        ? request.query("after")
                        : Optional.of(Long.toString(found.getLast().position()));
        return Response.json(new Page(found.stream().map(AuditRoutes::shown).toList(), next));
    }

    private static Shown shown(Entry entry) {
        Act act = entry.act();
        return new Shown(
                Long.toString(entry.position()),
                entry.at(),
                act.who(),
                act.person().map(IdKind.PERSON::show),
                act.action(),
                act.target(),
                act.result().name().toLowerCase(Locale.ROOT),
                act.address(),
                act.facts());
    }
}
