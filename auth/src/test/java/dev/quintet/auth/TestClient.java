package dev.quintet.auth;

import dev.quintet.platform.SecretWatch;
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
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A browser that keeps cookies, follows nothing by itself and posts forms; also a plain client. */
final class TestClient implements AutoCloseable {

    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final Pattern FLOW = Pattern.compile("name=\"flow\" value=\"([^\"]+)\"");

    // The JDK's own jar sends cookies with a Max-Age in the form of RFC 2965, which no browser
    // does.
    private final Map<String, String> cookies = new ConcurrentHashMap<>();
    private final HttpClient client =
            HttpClient.newBuilder()
                    .version(HttpClient.Version.HTTP_1_1)
                    .followRedirects(HttpClient.Redirect.NEVER)
                    .connectTimeout(Duration.ofSeconds(5))
                    .build();

    record Answer(int status, String body, Map<String, String> headers) {

        JsonNode json() {
            return JSON.readTree(body);
        }

        String text(String field) {
            return json().path(field).asString("");
        }

        String location() {
            return headers.getOrDefault("location", "");
        }

        /** The sealed flow in the page's form. */
        String flow() {
            Matcher found = FLOW.matcher(body);
            if (!found.find()) {
                throw new AssertionError("no flow in the page of status " + status + ": " + body);
            }
            return found.group(1);
        }

        /** A parameter of the address that the answer redirects to. */
        String parameter(String name) {
            return query(location()).getOrDefault(name, "");
        }
    }

    Answer get(URI uri) {
        return send(HttpRequest.newBuilder(uri).GET());
    }

    Answer get(URI uri, String bearer) {
        return send(HttpRequest.newBuilder(uri).header("Authorization", "Bearer " + bearer).GET());
    }

    Answer form(URI uri, Map<String, String> fields) {
        return form(uri, "", fields);
    }

    Answer form(URI uri, String authorization, Map<String, String> fields) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(uri)
                        .header("Content-Type", "application/x-www-form-urlencoded")
                        .POST(BodyPublishers.ofString(encode(fields)));
        return send(
                authorization.isEmpty() ? request : request.header("Authorization", authorization));
    }

    Answer json(URI uri, String bearer, String body) {
        return send(
                HttpRequest.newBuilder(uri)
                        .header("Content-Type", "application/json")
                        .header("Authorization", "Bearer " + bearer)
                        .POST(BodyPublishers.ofString(body)));
    }

    Answer send(HttpRequest.Builder request) {
        if (!cookies.isEmpty()) {
            request.setHeader(
                    "Cookie",
                    cookies.entrySet().stream()
                            .map(cookie -> cookie.getKey() + "=" + cookie.getValue())
                            .collect(Collectors.joining("; ")));
        }
        try {
            HttpResponse<String> response =
                    client.send(
                            request.timeout(Duration.ofSeconds(30)).build(),
                            BodyHandlers.ofString());
            response.headers().allValues("set-cookie").forEach(this::keep);
            if (response.headers().firstValue("content-type").orElse("").contains("json")) {
                // Another process may have answered, which the run's witness does not see.
                SecretWatch.madeIn(JSON.readTree(response.body()));
            }
            return new Answer(
                    response.statusCode(),
                    response.body(),
                    response.headers().map().entrySet().stream()
                            .collect(
                                    Collectors.toMap(
                                            header ->
                                                    header.getKey()
                                                            .toLowerCase(java.util.Locale.ROOT),
                                            header -> String.join("\n", header.getValue()))));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException("nobody interrupts a test", e);
        }
    }

    /** What the browser keeps, by name; a test may plant what it likes. */
    Map<String, String> cookies() {
        return cookies;
    }

    private void keep(String setCookie) {
        String[] parts = setCookie.split(";", -1);
        String name = parts[0].substring(0, parts[0].indexOf('='));
        if (setCookie.contains("Max-Age=0;")) {
            cookies.remove(name);
        } else {
            cookies.put(name, secret(parts[0].substring(name.length() + 1)));
        }
    }

    private static String secret(String value) {
        return value.length() < 12 ? value : SecretWatch.made(value);
    }

    static String encode(Map<String, String> fields) {
        return fields.entrySet().stream()
                .map(field ->
                        field.getKey()
                                + "="
                                + URLEncoder.encode(field.getValue(), StandardCharsets.UTF_8))
                .collect(Collectors.joining("&"));
    }

    static Map<String, String> query(String uri) {
        Map<String, String> values = new LinkedHashMap<>();
        String query = uri.contains("?") ? uri.substring(uri.indexOf('?') + 1) : "";
        for (String pair : query.split("&", -1)) {
            int border = pair.indexOf('=');
            if (border > 0) {
                values.put(
                        pair.substring(0, border),
                        URLDecoder.decode(pair.substring(border + 1), StandardCharsets.UTF_8));
            }
        }
        return values;
    }

    @Override
    public void close() {
        client.close();
    }
}
