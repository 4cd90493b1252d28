package dev.quintet.bench.journey;

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

/** A browser without JavaScript that signs a person in and comes back with a code. */
final class SignIn {

    static final String CALLBACK = "https://app.example.com/cb";

    // RFC 7636 appendix B.
    static final String VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
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

    SignIn(URI base) {
        this.base = base;
    }

    String code(String clientId, String email) throws IOException, InterruptedException {
        Map<String, String> request =
                Map.of(
                        "response_type",
                        "code",
                        "client_id",
                        clientId,
                        "redirect_uri",
                        CALLBACK,
                        "scope",
                        "openid",
                        "code_challenge",
                        CHALLENGE,
                        "code_challenge_method",
                        "S256");
        URI login = location(send(get(base.resolve("/oauth2/authorize?" + form(request)))));
        String page =
                send(get(base.resolve(login.getRawPath() + "?" + login.getRawQuery()))).body();
        Map<String, String> fields =
                Map.of("flow", found(FLOW, page), "email", email, "password", Cast.PASSWORD);
        HttpRequest.Builder post =
                HttpRequest.newBuilder(base.resolve("/login"))
                        .header("Content-Type", "application/x-www-form-urlencoded")
                        .POST(BodyPublishers.ofString(form(fields)));
        String back = location(send(post)).toString();
        return URLDecoder.decode(found(CODE, back), StandardCharsets.UTF_8);
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

    static String form(Map<String, String> fields) {
        return fields.entrySet().stream()
                .map(field ->
                        field.getKey()
                                + "="
                                + URLEncoder.encode(field.getValue(), StandardCharsets.UTF_8))
                .collect(Collectors.joining("&"));
    }
}
