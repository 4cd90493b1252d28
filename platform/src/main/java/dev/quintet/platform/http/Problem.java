package dev.quintet.platform.http;

import dev.quintet.platform.Refused;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** A refusal as {@code application/problem+json} (RFC 9457). */
final class Problem {

    /** The members that every one has; a refusal may add its own. */
    record Document(
            String type, String title, int status, String detail, String code, String requestId) {}

    private Problem() {}

    static Response render(Refused refused, String requestId) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("type", "urn:quintet:docs:" + refused.refusal().docs());
        document.put("title", title(refused.refusal().name()));
        document.put("status", refused.refusal().status());
        document.put("detail", refused.detail());
        document.put("code", refused.refusal().name());
        document.put("requestId", requestId);
        refused.members().forEach(document::putIfAbsent);
        Response response = Response.bytes("application/problem+json", Json.write(document));
        return response.status(refused.refusal().status());
    }

    private static String title(String code) {
        String words = code.toLowerCase(Locale.ROOT).replace('_', ' ');
        return Character.toUpperCase(words.charAt(0)) + words.substring(1);
    }
}
