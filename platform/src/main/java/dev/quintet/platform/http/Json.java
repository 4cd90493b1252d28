package dev.quintet.platform.http;

import static dev.quintet.platform.http.HttpRefusal.MALFORMED_JSON;

import com.fasterxml.jackson.annotation.JsonInclude;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.cfg.EnumFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * JSON of our own API: records in both directions, camelCase, RFC 3339 instants, enums in lower
 * case, an absent {@code Optional} left out.
 */
public final class Json {

    private static final int DEEPEST = 64;

    private static final JsonMapper MAPPER =
            JsonMapper.builder(
                            JsonFactory.builder()
                                    .streamReadConstraints(
                                            StreamReadConstraints.builder()
                                                    .maxNestingDepth(DEEPEST)
                                                    .build())
                                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                                    .build())
                    .enable(EnumFeature.WRITE_ENUMS_TO_LOWERCASE)
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .changeDefaultPropertyInclusion(
                            include -> include.withValueInclusion(JsonInclude.Include.NON_ABSENT))
                    .build();

    private Json() {}

    public static byte[] write(Object value) {
        return MAPPER.writeValueAsBytes(value);
    }

    /** Any JSON value; malformed text is refused with its line and column. */
    public static JsonNode tree(byte[] text) {
        requireUtf8(text);
        try {
            JsonNode tree = MAPPER.readTree(text);
            if (tree.isMissingNode()) {
                throw MALFORMED_JSON.because(1, 1, "it is empty").with("line", 1).with("column", 1);
            }
            return tree;
        } catch (JacksonException e) {
            TokenStreamLocation at = e.getLocation();
            int line = at == null ? 1 : Math.max(1, at.getLineNr());
            int column = at == null ? 1 : Math.max(1, at.getColumnNr());
            throw MALFORMED_JSON
                    .because(line, column, firstSentence(e.getOriginalMessage()))
                    .with("line", line)
                    .with("column", column);
        }
    }

    /**
     * RFC 8259 section 8.1; the parser would take UTF-16 and UTF-32 too. No JSON begins with NUL.
     */
    private static void requireUtf8(byte[] text) {
        boolean mark =
                text.length >= 2
                        && ((text[0] == (byte) 0xfe && text[1] == (byte) 0xff)
                                || (text[0] == (byte) 0xff && text[1] == (byte) 0xfe));
        boolean wide = false;
        for (int at = 0; at < Math.min(4, text.length); at++) {
            wide |= text[at] == 0;
        }
        if (mark || wide) {
            throw MALFORMED_JSON.because(1, 1, "it is not UTF-8").with("line", 1).with("column", 1);
        }
    }

    /** A record; what does not fit is refused by the path of the field. */
    public static <T> T read(byte[] text, Class<T> type) {
        return type.cast(JsonBinding.bind(tree(text), type, ""));
    }

    /** The parser's message without what it quotes of its own source. */
    private static String firstSentence(String message) {
        int end = message.indexOf('\n');
        return end < 0 ? message : message.substring(0, end);
    }
}
