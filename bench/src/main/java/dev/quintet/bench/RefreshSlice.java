package dev.quintet.bench;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/**
 * Refreshes, each connection with a sign-in of its own; every answer is the next request's token.
 */
final class RefreshSlice implements Slice {

    private static final int CONNECTIONS = 16;
    private static final String PASSWORD = "correct horse battery staple";
    private static final String VERIFIER = "v".repeat(64);
    private static final String CALLBACK = "http://127.0.0.1:1/callback";
    private static final Pattern FLOW = Pattern.compile("name=\"flow\" value=\"([^\"]+)\"");
    private static final Pattern CODE = Pattern.compile("[?&]code=([^&]+)");

    private final List<Wire> wires = new ArrayList<>();
    private final String[] tokens = new String[CONNECTIONS];
    private final String client;
    private final String secret;

    RefreshSlice(QuintetProcess server) {
        try (Wire wire = new Wire(server.base())) {
            JsonNode made =
                    wire.ask(
                                    server.adminKey(),
                                    "POST",
                                    "/api/v1/clients",
                                    """
                                    {"name":"bench app","redirectUris":["%s"],"firstParty":true,
                                     "grantTypes":["authorization_code","refresh_token"],
                                     "scopes":["openid","chat:read"]}
                                    """
                                            .formatted(CALLBACK))
                            .require(201)
                            .json();
            client = made.get("clientId").stringValue();
            secret = made.get("clientSecret").stringValue();
            wire.ask(
                            server.adminKey(),
                            "POST",
                            "/api/v1/users",
                            "{\"email\":\"bench@quintet.test\",\"name\":\"Bench\",\"password\":\""
                                    + PASSWORD
                                    + "\"}")
                    .require(201);
            Map<String, String> cookies = new HashMap<>();
            for (int at = 0; at < CONNECTIONS; at++) {
                tokens[at] = signIn(wire, cookies);
                wires.add(new Wire(server.base()));
            }
        }
    }

    /** From an authorization request to a refresh token; the password is asked once. */
    private String signIn(Wire wire, Map<String, String> cookies) {
        Map<String, String> asked = new HashMap<>();
        asked.put("response_type", "code");
        asked.put("client_id", client);
        asked.put("redirect_uri", CALLBACK);
        asked.put("scope", "openid chat:read");
        asked.put("state", "bench");
        asked.put("code_challenge", challenge());
        asked.put("code_challenge_method", "S256");
        Wire.Answer answer = browse(wire, cookies, "GET", "/oauth2/authorize?" + form(asked), "");
        String location = answer.require(303).headers().getOrDefault("location", "");
        if (!location.startsWith(CALLBACK)) {
            URI page = URI.create(location);
            String path = page.getRawPath() + "?" + page.getRawQuery();
            String flow = found(FLOW, browse(wire, cookies, "GET", path, "").require(200).body());
            Map<String, String> login =
                    Map.of("flow", flow, "email", "bench@quintet.test", "password", PASSWORD);
            location =
                    browse(wire, cookies, "POST", "/login", form(login))
                            .require(303)
                            .headers()
                            .getOrDefault("location", "");
        }
        Map<String, String> exchange =
                Map.of(
                        "grant_type",
                        "authorization_code",
                        "code",
                        found(CODE, location),
                        "redirect_uri",
                        CALLBACK,
                        "code_verifier",
                        VERIFIER);
        return refreshToken(wire.exchange(TokenSlice.tokenRequest(client, secret, form(exchange))));
    }

    private static Wire.Answer browse(
            Wire wire, Map<String, String> cookies, String method, String path, String form) {
        Map<String, String> headers = new HashMap<>();
        if (!cookies.isEmpty()) {
            headers.put(
                    "Cookie",
                    cookies.entrySet().stream()
                            .map(cookie -> cookie.getKey() + "=" + cookie.getValue())
                            .collect(Collectors.joining("; ")));
        }
        if (!form.isEmpty()) {
            headers.put("Content-Type", "application/x-www-form-urlencoded");
        }
        Wire.Answer answer =
                wire.exchange(Wire.request(method, path, headers, form.getBytes(US_ASCII)));
        answer.cookies().forEach(cookies::put);
        return answer;
    }

    @Override
    public String counts() {
        return "refreshes";
    }

    @Override
    public String load() {
        return CONNECTIONS + " connections, a sign-in each";
    }

    @Override
    public Work run(Duration time) {
        return Crew.count(
                CONNECTIONS,
                time,
                (worker, turn) -> {
                    String form = "grant_type=refresh_token&refresh_token=" + tokens[worker];
                    tokens[worker] =
                            refreshToken(
                                    wires.get(worker)
                                            .exchange(
                                                    TokenSlice.tokenRequest(client, secret, form)));
                });
    }

    private static String refreshToken(Wire.Answer answer) {
        String body = answer.require(200).body();
        String name = "\"refresh_token\":\"";
        int from = body.indexOf(name) + name.length();
        return body.substring(from, body.indexOf('"', from));
    }

    private static String form(Map<String, String> fields) {
        return fields.entrySet().stream()
                .map(field ->
                        field.getKey()
                                + "="
                                + URLEncoder.encode(field.getValue(), StandardCharsets.UTF_8))
                .collect(Collectors.joining("&"));
    }

    private static String found(Pattern pattern, String text) {
        Matcher found = pattern.matcher(text);
        if (!found.find()) {
            throw new IllegalStateException("no " + pattern + " in " + text);
        }
        return found.group(1);
    }

    private static String challenge() {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(VERIFIER.getBytes(US_ASCII));
            return Base64.getUrlEncoder().withoutPadding().encodeToString(hash);
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    @Override
    public void close() {
        wires.forEach(Wire::close);
    }
}
