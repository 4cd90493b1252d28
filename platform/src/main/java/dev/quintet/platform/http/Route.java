package dev.quintet.platform.http;

import dev.quintet.platform.DataSize;
import dev.quintet.platform.Refusal;
import dev.quintet.platform.caller.Scope;
import java.lang.reflect.Type;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * One declared route: everything that documents, guards and tests need to know about it, and its
 * handler.
 *
 * @param method an HTTP method, or {@code *} for all
 * @param status the status of its good answer
 * @param query the query parameters it reads
 * @param secretPath whether the path holds a secret, so that logs tell its template
 */
public record Route(
        String method,
        PathTemplate path,
        Access access,
        Accepts accepts,
        int status,
        Optional<Type> answer,
        Set<Refusal> refusals,
        List<Parameter> query,
        boolean secretPath,
        Lane lane,
        String summary,
        Action action) {

    /** What runs when the route is used. */
    public sealed interface Action {

        record Answer(Handler handler) implements Action {}

        /**
         * Becomes a WebSocket.
         *
         * @param protocols subprotocols spoken here; the client's first known one is taken
         * @param maxMessage longest message from the client, all fragments together
         * @param maxQueued bytes that may wait for a client that lags; above it is closed
         */
        record Open(
                Upgrade upgrade,
                List<String> protocols,
                DataSize maxFirst,
                DataSize maxMessage,
                DataSize maxQueued)
                implements Action {}
    }

    /** The body a route takes. */
    public sealed interface Accepts {

        record Nothing() implements Accepts {}

        record Json(Class<? extends Record> type) implements Accepts {}

        /**
         * Bytes that the handler reads itself.
         *
         * @param types media types taken; empty takes any
         */
        record Bytes(Set<String> types, DataSize limit) implements Accepts {}
    }

    /** A query parameter. */
    public record Parameter(String name, String meaning) {}

    public Route {
        refusals = Set.copyOf(refusals);
        query = List.copyOf(query);
    }

    public static Declaration get(String path) {
        return new Declaration("GET", path);
    }

    public static Declaration post(String path) {
        return new Declaration("POST", path);
    }

    public static Declaration put(String path) {
        return new Declaration("PUT", path);
    }

    public static Declaration patch(String path) {
        return new Declaration("PATCH", path);
    }

    public static Declaration delete(String path) {
        return new Declaration("DELETE", path);
    }

    /** All methods; an exact one at the same path goes first. */
    public static Declaration any(String path) {
        return new Declaration("*", path);
    }

    public static Declaration method(String method, String path) {
        return new Declaration(method, path);
    }

    /** {@code GET /api/v1/rooms/{id}}. */
    public String name() {
        return method + " " + path.text();
    }

    /** A route in the making; {@link #by} ends it. */
    public static final class Declaration {

        private final String method;
        private final PathTemplate path;
        private Optional<Access> access = Optional.empty();
        private Accepts accepts = new Accepts.Nothing();
        private int status = 200;
        private Optional<Type> answer = Optional.empty();
        private Set<Refusal> refusals = Set.of();
        private List<Parameter> query = List.of();
        private boolean secretPath;
        private Lane lane = Lane.INTERACTIVE;
        private String summary = "";

        private Declaration(String method, String path) {
            this.method = method;
            this.path = PathTemplate.of(path);
        }

        public Declaration scope(Scope scope) {
            access = Optional.of(new Access.Scoped(scope));
            return this;
        }

        /** Without a scope; the reason is read by whoever reviews rights. */
        public Declaration open(String reason) {
            access = Optional.of(new Access.Public(reason));
            return this;
        }

        public Declaration takes(Class<? extends Record> json) {
            accepts = new Accepts.Json(json);
            return this;
        }

        /** Bytes of these media types (none: any), read by the handler from the request's body. */
        public Declaration takesBytes(DataSize limit, String... types) {
            accepts = new Accepts.Bytes(Set.of(types), limit);
            return this;
        }

        public Declaration gives(int goodStatus, Type type) {
            status = goodStatus;
            answer = Optional.of(type);
            return this;
        }

        /** The good answer has no JSON body. */
        public Declaration gives(int goodStatus) {
            status = goodStatus;
            return this;
        }

        public Declaration refuses(Refusal... own) {
            refusals =
                    Stream.concat(refusals.stream(), Stream.of(own))
                            .collect(Collectors.toUnmodifiableSet());
            return this;
        }

        public Declaration query(String name, String meaning) {
            query = Stream.concat(query.stream(), Stream.of(new Parameter(name, meaning))).toList();
            return this;
        }

        /** A value of the path is a secret. */
        public Declaration hidesPath() {
            secretPath = true;
            return this;
        }

        public Declaration lane(Lane other) {
            lane = other;
            return this;
        }

        public Declaration says(String text) {
            summary = text;
            return this;
        }

        public Route by(Handler handler) {
            return ending(new Action.Answer(handler));
        }

        /** The route becomes a WebSocket whose client is known. */
        public Route opens(
                Upgrade upgrade, DataSize maxMessage, DataSize maxQueued, String... protocols) {
            return opensToStrangers(upgrade, maxMessage, maxMessage, maxQueued, protocols);
        }

        /**
         * The route becomes a WebSocket whose client says later who it is.
         *
         * @param maxFirst the largest message until {@link Socket#admit}
         */
        public Route opensToStrangers(
                Upgrade upgrade,
                DataSize maxFirst,
                DataSize maxMessage,
                DataSize maxQueued,
                String... protocols) {
            status = 101;
            return ending(
                    new Action.Open(upgrade, List.of(protocols), maxFirst, maxMessage, maxQueued));
        }

        private Route ending(Action action) {
            Access known =
                    access.orElseThrow(() ->
                            new IllegalStateException(
                                    method
                                            + " "
                                            + path.text()
                                            + " names neither a scope nor why it is open"));
            return new Route(
                    method,
                    path,
                    known,
                    accepts,
                    status,
                    answer,
                    refusals,
                    query,
                    secretPath,
                    lane,
                    summary,
                    action);
        }
    }
}
