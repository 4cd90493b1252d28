package dev.quintet.bench;

import java.io.IOException;
import java.net.URI;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
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
    private final HttpClient client =
            HttpClient.newBuilder()
                    .version(HttpClient.Version.HTTP_1_1)
                    .followRedirects(HttpClient.Redirect.NEVER)
                    .build();
    private final URI base;
    private final String email;
    private final String password;

    public SignIn(URI base, String email, String password) {
        this.base = base;
        this.email = email;
        this.password = password;
    }

    /** A code for a first-party client; whoever is signed in already is not asked again. */
    public String code(String clientId, String scope) throws IOException, InterruptedException {
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
        URI back = location(send(get(base.resolve("/oauth2/authorize?" + form(request)))));
        if (!back.toString().startsWith(CALLBACK)) {
            back = login(back);
        }
        return URLDecoder.decode(found(CODE, back.toString()), StandardCharsets.UTF_8);
    }

    private URI login(URI page) throws IOException, InterruptedException {
        String shown = send(get(base.resolve(page.getRawPath() + "?" + page.getRawQuery()))).body();
        Map<String, String> fields =
                Map.of("flow", found(FLOW, shown), "email", email, "password", password);
        return location(
                send(
                        HttpRequest.newBuilder(base.resolve("/login"))
                                .header("Content-Type", "application/x-www-form-urlencoded")
                                .POST(BodyPublishers.ofString(form(fields)))));
    }

    private static HttpRequest.Builder get(URI uri) {
        return HttpRequest.newBuilder(uri);
    }

    private HttpResponse<String> send(HttpRequest.Builder request)
            throws IOException, InterruptedException {
        if (!cookies.isEmpty()) {
            request.header(
                    "Cookie",
                    cookies.entrySet().stream()
                            .map(cookie -> cookie.getKey() + "=" + cookie.getValue())
                            .collect(Collectors.joining("; ")));
        }
        HttpResponse<String> response = client.send(request.build(), BodyHandlers.ofString());
        for (String set : response.headers().allValues("set-cookie")) {
            String pair = set.split(";", 2)[0];
            int equals = pair.indexOf('=');
            cookies.put(pair.substring(0, equals), pair.substring(equals + 1));
        }
        return response;
    }

    private static URI location(HttpResponse<String> response) {
        return URI.create(
                response.headers()
                        .firstValue("Location")
                        .orElseThrow(() ->
                                new IllegalStateException(
                                        "no redirect but " + response + ": " + response.body())));
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
