package dev.quintet.platform.http;

import static dev.quintet.platform.http.HttpRefusal.MALFORMED_REQUEST;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Percent-decoding of paths (RFC 3986 section 2.1) and of forms (WHATWG URL, urlencoded). */
final class PercentCoding {

    private PercentCoding() {}

    /** Decodes a path segment; a plus sign stays one. */
    static String decode(String text) {
        return text.indexOf('%') < 0 ? text : decode(text, false);
    }

    /** Reads {@code a=1&b=2}; a name may come more than once. */
    static Map<String, List<String>> form(String text) {
        Map<String, List<String>> fields = new LinkedHashMap<>();
        for (String pair : text.split("&", -1)) {
            if (!pair.isEmpty()) {
                int border = pair.indexOf('=');
                String name = border < 0 ? pair : pair.substring(0, border);
                String value = border < 0 ? "" : pair.substring(border + 1);
                fields.computeIfAbsent(decode(name, true), n -> new ArrayList<>())
                        .add(decode(value, true));
            }
        }
        return fields;
    }

    private static String decode(String text, boolean plusIsSpace) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(text.length());
        int at = 0;
        while (at < text.length()) {
            char c = text.charAt(at);
            if (c == '%') {
                int high = at + 1 < text.length() ? Character.digit(text.charAt(at + 1), 16) : -1;
                int low = at + 2 < text.length() ? Character.digit(text.charAt(at + 2), 16) : -1;
                if (high < 0 || low < 0) {
                    throw MALFORMED_REQUEST.because("'%' must be followed by two hex digits");
                }
                bytes.write(high << 4 | low);
                at += 3;
            } else {
                byte[] raw =
                        (c == '+' && plusIsSpace ? " " : String.valueOf(c))
                                .getBytes(StandardCharsets.UTF_8);
                bytes.write(raw, 0, raw.length);
                at++;
            }
        }
        try {
            String decoded =
                    StandardCharsets.UTF_8
                            .newDecoder()
                            .decode(ByteBuffer.wrap(bytes.toByteArray()))
                            .toString();
            // PostgreSQL's text has no NUL, and no name, address or password of ours needs one.
            if (decoded.indexOf('\0') >= 0) {
                throw MALFORMED_REQUEST.because("neither an address nor a form holds a NUL");
            }
            return decoded;
        } catch (CharacterCodingException e) {
            throw MALFORMED_REQUEST.because("the address is not UTF-8");
        }
    }
}
