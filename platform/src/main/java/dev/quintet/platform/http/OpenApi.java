package dev.quintet.platform.http;

import dev.quintet.platform.Refusal;
import dev.quintet.platform.Sha256;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

/** The route list as OpenAPI 3.1. */
public final class OpenApi {

    private static final String BASE = "/api/v1/";

    private OpenApi() {}

    /** The document of all our own routes; protocol doors have their protocol's papers. */
    public static Map<String, Object> of(String version, List<Route> routes) {
        JsonSchema schemas = new JsonSchema();
        Map<String, Object> paths = new TreeMap<>();
        for (Route route : routes) {
            if (route.path().text().startsWith(BASE) && !route.method().equals("*")) {
                path(paths, route.path().text())
                        .put(route.method().toLowerCase(Locale.ROOT), operation(route, schemas));
            }
        }
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("openapi", "3.1.0");
        document.put("info", Map.of("title", "Quintet", "version", version));
        document.put("paths", paths);
        Map<String, Object> components = new LinkedHashMap<>();
        components.put("schemas", schemas.named());
        components.put(
                "securitySchemes", Map.of("bearer", Map.of("type", "http", "scheme", "bearer")));
        document.put("components", components);
        return document;
    }

    /**
     * The route that answers with this document; {@code routes} is asked once, when all are
     * mounted. Strangers may ask for it, so it is written once and not for each of them.
     */
    public static Route route(String version, Supplier<List<Route>> routes) {
        AtomicReference<Content> written = new AtomicReference<>();
        return Route.get("/api/v1/openapi.json")
                .open("the description of the API is the same for all")
                .says("This document")
                .by(request -> {
                    Content known = written.get();
                    if (known == null) {
                        byte[] json = Json.write(of(version, routes.get()));
                        known =
                                Content.bytes(
                                        json,
                                        "application/json",
                                        HexFormat.of().formatHex(Sha256.of(json)));
                        written.set(known);
                    }
                    return Response.ranged(known).header("Cache-Control", "no-cache");
                });
    }

    @SuppressWarnings("unchecked") // every value of this map was put here
    private static Map<String, Object> path(Map<String, Object> paths, String text) {
        return (Map<String, Object>)
                paths.computeIfAbsent(text.replace("...}", "}"), path -> new LinkedHashMap<>());
    }

    private static Map<String, Object> operation(Route route, JsonSchema schemas) {
        Map<String, Object> operation = new LinkedHashMap<>();
        if (!route.summary().isEmpty()) {
            operation.put("summary", route.summary());
        }
        operation.put("parameters", parameters(route));
        switch (route.accepts()) {
            case Route.Accepts.Nothing nothing -> {}
            case Route.Accepts.Json json ->
                    operation.put("requestBody", body("application/json", schemas.of(json.type())));
            case Route.Accepts.Bytes bytes ->
                    operation.put("requestBody", body("application/octet-stream", Map.of()));
        }
        operation.put("responses", responses(route, schemas));
        operation.put(
                "security",
                switch (route.access()) {
                    case Access.Scoped(var scope) ->
                            List.of(Map.of("bearer", List.of(scope.wire())));
                    case Access.Public open -> List.of();
                });
        return operation;
    }

    private static List<Object> parameters(Route route) {
        List<Object> parameters = new ArrayList<>();
        for (String name : route.path().names()) {
            parameters.add(
                    Map.of(
                            "name",
                            name,
                            "in",
                            "path",
                            "required",
                            true,
                            "schema",
                            Map.of("type", "string")));
        }
        for (Route.Parameter parameter : route.query()) {
            parameters.add(
                    Map.of(
                            "name",
                            parameter.name(),
                            "in",
                            "query",
                            "description",
                            parameter.meaning(),
                            "schema",
                            Map.of("type", "string")));
        }
        return parameters;
    }

    private static Map<String, Object> body(String type, Map<String, Object> schema) {
        return Map.of("required", true, "content", Map.of(type, Map.of("schema", schema)));
    }

    private static Map<String, Object> responses(Route route, JsonSchema schemas) {
        Map<String, Object> responses = new TreeMap<>();
        Map<String, Object> good = new LinkedHashMap<>();
        good.put("description", "Done");
        route.answer()
                .ifPresent((Type type) ->
                        good.put(
                                "content",
                                Map.of("application/json", Map.of("schema", schemas.of(type)))));
        responses.put(Integer.toString(route.status()), good);
        Map<String, List<Refusal>> byStatus = new TreeMap<>();
        for (Refusal refusal : route.refusals()) {
            byStatus.computeIfAbsent(Integer.toString(refusal.status()), s -> new ArrayList<>())
                    .add(refusal);
        }
        byStatus.forEach((status, refusals) -> responses.put(status, refused(refusals, schemas)));
        return responses;
    }

    private static Map<String, Object> refused(List<Refusal> refusals, JsonSchema schemas) {
        refusals.sort(Comparator.comparing(Refusal::name));
        return Map.of(
                "description",
                String.join(", ", refusals.stream().map(Refusal::name).toList()),
                "content",
                Map.of(
                        "application/problem+json",
                        Map.of("schema", schemas.of(Problem.Document.class))));
    }
}
