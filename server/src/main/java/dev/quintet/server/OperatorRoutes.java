package dev.quintet.server;

import static dev.quintet.platform.http.Route.get;
import static dev.quintet.platform.http.Route.post;

import dev.quintet.platform.caller.Scope;
import dev.quintet.platform.http.Request;
import dev.quintet.platform.http.Response;
import dev.quintet.platform.http.Routes;
import dev.quintet.platform.sql.Database;
import java.util.Map;

/**
 * What whoever runs the server looks at: the overview, the demo's meter, and the console's way in.
 */
final class OperatorRoutes {

    private final Database db;
    private final ConsoleLinks links;
    private final Overview overview;

    OperatorRoutes(Database db, ConsoleLinks links, Overview overview) {
        this.db = db;
        this.links = links;
        this.overview = overview;
    }

    Routes routes() {
        return Routes.of(
                "platform",
                get("/api/v1/overview")
                        .scope(Scope.ADMIN)
                        .says("The systems of this server with their figures.")
                        .gives(200, Overview.Shown.class)
                        .by(request -> Response.json(overview.shown(request.caller()))),
                get("/demo/meter")
                        .scope(Scope.INBOX_READ)
                        .says("The figures that the demo shows to whoever signed in.")
                        .gives(200, Map.class)
                        .by(request -> Response.json(overview.meter(request.caller()))),
                post("/console/session")
                        .open("the signed one-time link in the body is the credential")
                        .says("Trades a console link for a session of eight hours.")
                        .takes(Link.class)
                        .gives(200, Session.class)
                        .refuses(ServerRefusal.LINK_NOT_VALID)
                        .by(this::open));
    }

    record Link(String link) {}

    record Session(String access_token, String token_type, long expires_in) {}

    private Response open(Request request) {
        ConsoleLinks.Session session = links.open(db, request.json(Link.class).link());
        return Response.json(
                        new Session(session.accessToken(), "Bearer", session.life().toSeconds()))
                .header("Cache-Control", "no-store");
    }
}
