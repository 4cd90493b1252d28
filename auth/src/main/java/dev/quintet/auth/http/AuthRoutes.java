package dev.quintet.auth.http;

import static dev.quintet.auth.AuthRefusal.CLIENT_CANNOT;
import static dev.quintet.auth.AuthRefusal.EMAIL_TAKEN;
import static dev.quintet.auth.AuthRefusal.EXPIRY_REFUSED;
import static dev.quintet.auth.AuthRefusal.HASHES_BUSY;
import static dev.quintet.auth.AuthRefusal.NAME_TOO_LONG;
import static dev.quintet.auth.AuthRefusal.NOT_AN_EMAIL;
import static dev.quintet.auth.AuthRefusal.NOT_A_SERVER_KEY;
import static dev.quintet.auth.AuthRefusal.PASSWORD_COMMON;
import static dev.quintet.auth.AuthRefusal.PASSWORD_TOO_LONG;
import static dev.quintet.auth.AuthRefusal.PASSWORD_TOO_SHORT;
import static dev.quintet.auth.AuthRefusal.REDIRECT_REFUSED;
import static dev.quintet.auth.AuthRefusal.SCOPE_NOT_THEIRS;
import static dev.quintet.auth.AuthRefusal.SCOPE_NOT_YOURS;
import static dev.quintet.auth.AuthRefusal.SCOPE_UNKNOWN;
import static dev.quintet.auth.AuthRefusal.TOO_MANY;
import static dev.quintet.auth.AuthRefusal.USER_UNKNOWN;
import static dev.quintet.platform.people.PeopleRefusal.INVALID_PROFILE;
import static dev.quintet.platform.sql.SqlRefusal.IDEMPOTENCY_KEY_REUSED;

import dev.quintet.auth.Auth;
import dev.quintet.auth.Clients;
import dev.quintet.auth.NewClient;
import dev.quintet.auth.User;
import dev.quintet.auth.Users;
import dev.quintet.platform.IdKind;
import dev.quintet.platform.caller.Scope;
import dev.quintet.platform.http.Idempotency;
import dev.quintet.platform.http.Lane;
import dev.quintet.platform.http.Request;
import dev.quintet.platform.http.Response;
import dev.quintet.platform.http.Route;
import dev.quintet.platform.http.Routes;
import dev.quintet.platform.sql.Work;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.UUID;

/** Users and clients over our own API. */
public final class AuthRoutes {

    private static final int USUAL_PAGE = 50;
    private static final int LONGEST_PAGE = 200;

    private final Auth auth;
    private final Idempotency idempotency;

    public AuthRoutes(Auth auth, Idempotency idempotency) {
        this.auth = auth;
        this.idempotency = idempotency;
    }

    public Routes routes() {
        return Routes.of(
                "auth",
                Route.post("/api/v1/users")
                        .scope(Scope.USERS_WRITE)
                        .takes(NewUser.class)
                        .gives(201, Id.class)
                        .refuses(
                                EMAIL_TAKEN,
                                IDEMPOTENCY_KEY_REUSED,
                                NOT_AN_EMAIL,
                                NAME_TOO_LONG,
                                PASSWORD_TOO_SHORT,
                                PASSWORD_TOO_LONG,
                                PASSWORD_COMMON,
                                SCOPE_UNKNOWN,
                                SCOPE_NOT_YOURS,
                                INVALID_PROFILE,
                                HASHES_BUSY)
                        .lane(Lane.HASH)
                        .says("Makes a user.")
                        .by(this::createUser),
                Route.get("/api/v1/users")
                        .scope(Scope.USERS_READ)
                        .query("limit", "how many, 1 to 200")
                        .query("after", "where the page before ended")
                        .gives(200, Page.class)
                        .says("The users of the organisation, oldest first.")
                        .by(this::listUsers),
                Route.get("/api/v1/users/{id}")
                        .scope(Scope.USERS_READ)
                        .gives(200, Shown.class)
                        .refuses(USER_UNKNOWN)
                        .says("One user.")
                        .by(request ->
                                Response.json(
                                        shown(auth.users().find(request.caller(), id(request))))),
                Route.post("/api/v1/users/{id}/tokens")
                        .scope(Scope.TOKENS_WRITE)
                        .takes(NewToken.class)
                        .gives(201, Token.class)
                        .refuses(
                                USER_UNKNOWN,
                                IDEMPOTENCY_KEY_REUSED,
                                NOT_A_SERVER_KEY,
                                SCOPE_UNKNOWN,
                                SCOPE_NOT_THEIRS,
                                EXPIRY_REFUSED)
                        .says("Makes an access token in a user's name; for server keys.")
                        .by(this::createToken),
                Route.post("/api/v1/clients")
                        .scope(Scope.CLIENTS_WRITE)
                        .takes(NewClientWire.class)
                        .gives(201, ClientMade.class)
                        .refuses(
                                CLIENT_CANNOT,
                                IDEMPOTENCY_KEY_REUSED,
                                REDIRECT_REFUSED,
                                NAME_TOO_LONG,
                                TOO_MANY,
                                SCOPE_UNKNOWN,
                                SCOPE_NOT_YOURS)
                        .says("Makes a client; its secret is shown this once.")
                        .by(this::createClient));
    }

    private Response createUser(Request request) {
        NewUser wanted = request.json(NewUser.class);
        Work<User> work =
                auth.users()
                        .prepare(
                                request.caller(),
                                request.head().client(),
                                new Users.NewUser(
                                        wanted.email(),
                                        wanted.password(),
                                        wanted.name(),
                                        wanted.scopes()));
        return idempotency.answer(
                request, 201, tx -> new Id(IdKind.PERSON.show(work.run(tx).person())));
    }

    private Response listUsers(Request request) {
        int limit = request.query("limit", 1, LONGEST_PAGE, USUAL_PAGE);
        Optional<UUID> after = request.query("after").map(IdKind.PERSON::parse);
        List<User> users = auth.users().list(request.caller(), after, limit);
        Optional<String> next =
                users.size() < limit
                        ? Optional.empty()
                        : Optional.of(IdKind.PERSON.show(users.getLast().person()));
        return Response.json(new Page(users.stream().map(AuthRoutes::shown).toList(), next));
    }

    private Response createToken(Request request) {
        NewToken wanted = request.json(NewToken.class);
        Work<Users.Minted> work =
                auth.users()
                        .token(
                                request.caller(),
                                request.head().client(),
                                id(request),
                                wanted.scopes(),
                                wanted.expiresIn());
        return idempotency
                .answer(request, 201, tx -> Token.of(work.run(tx)))
                .header("Cache-Control", "no-store");
    }

    private Response createClient(Request request) {
        Work<Clients.Made> work =
                auth.clients()
                        .prepare(
                                request.caller(),
                                request.head().client(),
                                request.json(NewClientWire.class).plain());
        return idempotency
                .answer(
                        request,
                        201,
                        tx -> {
                            Clients.Made made = work.run(tx);
                            return new ClientMade(made.client().shownId(), made.secret());
                        })
                .header("Cache-Control", "no-store");
    }

    private static UUID id(Request request) {
        return request.path("id", IdKind.PERSON);
    }

    private static Shown shown(User user) {
        return new Shown(
                IdKind.PERSON.show(user.person()),
                user.email(),
                user.name(),
                List.copyOf(new TreeSet<>(user.scopes())),
                user.createdAt());
    }

    record NewUser(
            String email, Optional<String> password, String name, Optional<List<String>> scopes) {

        @Override
        public String toString() {
            return "NewUser[" + email + "]";
        }
    }

    record Id(String id) {}

    record Shown(String id, String email, String name, List<String> scopes, Instant createdAt) {}

    record Page(List<Shown> items, Optional<String> next) {}

    record NewToken(Optional<List<String>> scopes, Optional<Long> expiresIn) {}

    /** In the protocol's own words, as the token endpoint has them. */
    record Token(String access_token, long expires_in) {

        static Token of(Users.Minted minted) {
            return new Token(minted.accessToken(), minted.expiresIn().toSeconds());
        }

        @Override
        public String toString() {
            return "Token[" + expires_in + "]";
        }
    }

    record NewClientWire(
            String name,
            Optional<List<String>> redirectUris,
            Optional<List<String>> postLogoutRedirectUris,
            List<String> grantTypes,
            Optional<Boolean> public_,
            Optional<List<String>> scopes,
            Optional<String> authMethod,
            Optional<Boolean> firstParty) {

        NewClient plain() {
            return new NewClient(
                    name,
                    redirectUris.orElse(List.of()),
                    postLogoutRedirectUris.orElse(List.of()),
                    grantTypes,
                    public_,
                    scopes.orElse(List.of()),
                    authMethod,
                    firstParty);
        }
    }

    record ClientMade(String clientId, Optional<String> clientSecret) {

        @Override
        public String toString() {
            return "ClientMade[" + clientId + "]";
        }
    }
}
