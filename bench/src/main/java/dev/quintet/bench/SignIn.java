package dev.quintet.bench;

import java.net.URI;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** A browser without JavaScript that signs one person in, once, and comes back with codes. */
public final class SignIn {

    public static final String CALLBACK = "https://app.example.com/cb";

    // RFC 7636 appendix B.
    public static final String VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    private static final String CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
    private static final Pattern FLOW = Pattern.compile("name=\"flow\" value=\"([^\"]+)\"");
    private static final Pattern CODE = Pattern.compile("[?&]code=([^&]+)");

    private final Map<String, String> cookies = new TreeMap<>();
    private final URI base;
    private final String email;
    private final String password;
    private final Duration typing;

    public SignIn(URI base, String email, String password) {
        this(base, email, password, Duration.ZERO);
    }

    /**
     * @param typing how long the page of the form is looked at
     */
    SignIn(URI base, String email, String password, Duration typing) {
        this.base = base;
        this.email = email;
        this.password = password;
        this.typing = typing;
    }

    /** A code for a first-party client; whoever is signed in already is not asked again. */
    public String code(String clientId, String scope) {
        Map<String, String> request =
                Map.of(
                        "response_type",
                        "code",
                        "client_id",
                        clientId,
                        "redirect_uri",
                        CALLBACK,
                        "scope",
                        scope,
                        "code_challenge",
                        CHALLENGE,
                        "code_challenge_method",
                        "S256");
        try (Client client = new Client(base)) {
            URI back = location(get(client, "/oauth2/authorize?" + form(request)));
            if (!back.toString().startsWith(CALLBACK)) {
                back = login(client, back);
            }
            return URLDecoder.decode(found(CODE, back.toString()), StandardCharsets.UTF_8);
        }
    }

    private URI login(Client client, URI page) {
        String shown = get(client, page.getRawPath() + "?" + page.getRawQuery()).body();
        LockSupport.parkNanos(typing.toNanos());
        String fields =
                form(Map.of("flow", found(FLOW, shown), "email", email, "password", password));
        return location(
                send(
                        client,
                        "POST",
                        "/login",
                        Map.of("Content-Type", "application/x-www-form-urlencoded"),
                        fields.getBytes(StandardCharsets.US_ASCII)));
    }

    private Wire.Answer get(Client client, String path) {
        return send(client, "GET", path, Map.of(), new byte[0]);
    }

    private Wire.Answer send(
            Client client, String method, String path, Map<String, String> headers, byte[] body) {
        Map<String, String> all = new TreeMap<>(headers);
        if (!cookies.isEmpty()) {
            all.put(
                    "Cookie",
                    cookies.entrySet().stream()
                            .map(cookie -> cookie.getKey() + "=" + cookie.getValue())
                            .collect(Collectors.joining("; ")));
        }
        Wire.Answer answer = client.exchange(Wire.request(method, path, all, body));
        answer.headers().getOrDefault("set-cookie", "").lines().forEach(this::keep);
        return answer;
    }

    private void keep(String set) {
        String pair = set.split(";", 2)[0];
        int equals = pair.indexOf('=');
        cookies.put(pair.substring(0, equals), pair.substring(equals + 1));
    }

    private static URI location(Wire.Answer answer) {
        String location = answer.headers().getOrDefault("location", "");
        if (location.isEmpty()) {
            throw new IllegalStateException("no redirect but " + answer);
        }
        return URI.create(location);
    }

    private static String found(Pattern pattern, String text) {
        Matcher found = pattern.matcher(text);
        if (!found.find()) {
            throw new IllegalStateException("no " + pattern + " in " + text);
        }
        return found.group(1);
    }

    public static String form(Map<String, String> fields) {
        return fields.entrySet().stream()
                .map(field ->
                        field.getKey()
                                + "="
                                + URLEncoder.encode(field.getValue(), StandardCharsets.UTF_8))
                .collect(Collectors.joining("&"));
    }
}
