package dev.quintet.platform.api;

import static dev.quintet.platform.people.PeopleRefusal.INVALID_EXTERNAL_ID;
import static dev.quintet.platform.people.PeopleRefusal.INVALID_PROFILE;
import static dev.quintet.platform.people.PeopleRefusal.NO_SUCH_PERSON;
import static dev.quintet.platform.people.PeopleRefusal.PERSON_CHANGED;

import dev.quintet.platform.IdKind;
import dev.quintet.platform.PlatformRefusal;
import dev.quintet.platform.audit.Act;
import dev.quintet.platform.audit.Audit;
import dev.quintet.platform.caller.Scope;
import dev.quintet.platform.http.Request;
import dev.quintet.platform.http.Response;
import dev.quintet.platform.http.Route;
import dev.quintet.platform.http.Routes;
import dev.quintet.platform.people.People;
import dev.quintet.platform.people.Person;
import dev.quintet.platform.people.Profile;
import dev.quintet.platform.sql.Database;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;

/** {@code /api/v1/people}: people by the product's own ids, or by ours. */
public final class PeopleRoutes {

    record Wanted(
            Optional<String> name,
            Optional<String> email,
            Optional<String> phone,
            Optional<String> locale,
            Optional<String> zone) {}

    record Shown(
            String id,
            String issuer,
            String subject,
            Optional<String> name,
            Optional<String> email,
            Optional<String> phone,
            Optional<String> locale,
            Optional<String> zone) {}

    private final Database db;
    private final People people;
    private final Audit audit;

    public PeopleRoutes(Database db, People people, Audit audit) {
        this.db = db;
        this.people = people;
        this.audit = audit;
    }

    public Routes routes() {
        return Routes.of(
                "platform",
                Route.put("/api/v1/people/{externalId}")
                        .scope(Scope.PEOPLE_WRITE)
                        .takes(Wanted.class)
                        .gives(200, Shown.class)
                        .refuses(INVALID_PROFILE, INVALID_EXTERNAL_ID, PERSON_CHANGED)
                        .says("Makes the person of this id of yours look like this.")
                        .by(this::put),
                Route.get("/api/v1/people/{id}")
                        .scope(Scope.PEOPLE_READ)
                        .gives(200, Shown.class)
                        .refuses(
                                NO_SUCH_PERSON,
                                PlatformRefusal.NOT_AN_ID,
                                PlatformRefusal.WRONG_ID_KIND)
                        .says("Shows a person.")
                        .by(this::show),
                Route.delete("/api/v1/people/{id}")
                        .scope(Scope.PEOPLE_WRITE)
                        .gives(204)
                        .refuses(
                                NO_SUCH_PERSON,
                                PlatformRefusal.NOT_AN_ID,
                                PlatformRefusal.WRONG_ID_KIND)
                        .says("Erases a person from all systems.")
                        .by(this::erase));
    }

    private Response put(Request request) {
        Wanted wanted = request.json(Wanted.class);
        Profile profile =
                Profile.written(
                        wanted.name(),
                        wanted.email(),
                        wanted.phone(),
                        wanted.locale(),
                        wanted.zone());
        OptionalInt expected = expected(request);
        Person person =
                db.tx(
                        request.deadline(),
                        tx ->
                                people.put(
                                        tx,
                                        request.caller().organisation(),
                                        request.path("externalId"),
                                        profile,
                                        expected));
        return shown(person);
    }

    /** What {@code If-Match} names; a tag that is none of ours fits no version. */
    private static OptionalInt expected(Request request) {
        Optional<String> tag = request.header("If-Match").filter(value -> !value.equals("*"));
        if (tag.isEmpty()) {
            return OptionalInt.empty();
        }
        String text = tag.get().replace("\"", "");
        return OptionalInt.of(text.matches("v\\d{1,9}") ? Integer.parseInt(text.substring(1)) : -1);
    }

    private Response show(Request request) {
        UUID id = request.path("id", IdKind.PERSON);
        Person person =
                db.read(
                        request.deadline(),
                        tx -> people.require(tx, request.caller().organisation(), id));
        return shown(person);
    }

    private static Response shown(Person person) {
        Profile profile = person.profile();
        return Response.json(
                        new Shown(
                                IdKind.PERSON.show(person.id()),
                                person.issuer(),
                                person.subject(),
                                profile.name(),
                                profile.email(),
                                profile.phone(),
                                profile.locale(),
                                profile.zone()))
                .etag("v" + person.version());
    }

    private Response erase(Request request) {
        UUID id = request.path("id", IdKind.PERSON);
        db.tx(
                request.deadline(),
                tx -> {
                    audit.record(
                            tx,
                            Act.done(
                                    request.caller(),
                                    request.head().client(),
                                    "person.erase",
                                    IdKind.PERSON.show(id)));
                    people.erase(tx, request.caller().organisation(), id);
                    return true;
                });
        return Response.empty(204);
    }
}
