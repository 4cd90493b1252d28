package dev.quintet.analytics;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.core.JsonParser;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * The characters of a request, and pieces of them. A piece is known to be JSON before it is asked
 * for.
 */
final class JsonText {

    /** Deeper than that a whole request is refused; each level costs some memory. */
    private static final int DEEPEST = 10_000;

    /**
     * Bounds of one value are the items' own affair, so that one does not spoil its neighbours.
     * Without a table of names: what one request names has no effect on the next.
     */
    private static final JsonFactory SCAN =
            JsonFactory.builder()
                    .streamReadConstraints(
                            StreamReadConstraints.builder()
                                    .maxNestingDepth(DEEPEST)
                                    .maxNumberLength(Integer.MAX_VALUE)
                                    .maxNameLength(Integer.MAX_VALUE)
                                    .maxStringLength(Integer.MAX_VALUE)
                                    .build())
                    .disable(TokenStreamFactory.Feature.CANONICALIZE_PROPERTY_NAMES)
                    .build();

    /** Numbers stay as exact as they came. */
    private static final JsonMapper TREE =
            JsonMapper.builder(SCAN)
                    .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
                    .build();

    /** With the usual bounds: what is read so is rare. */
    private static final JsonMapper EXCHANGED =
            JsonMapper.builder().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS).build();

    // A whole pair, a half, or anything else that is escaped.
    private static final Pattern ESCAPE =
            Pattern.compile(
                    "\\\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\\\u[dD][c-fC-F][0-9a-fA-F]{2}"
                            + "|(u[dD][89a-fA-F][0-9a-fA-F]{2})|.)",
                    Pattern.DOTALL);

    private final char[] text;
    private final boolean mended;

    JsonText(String text) {
        this(text.toCharArray(), false);
    }

    private JsonText(char[] text, boolean mended) {
        this.text = text;
        this.mended = mended;
    }

    /** The same text with U+FFFD for each half of a surrogate pair; none if there is no half. */
    static Optional<JsonText> withoutHalves(String json) {
        String mended =
                ESCAPE.matcher(json)
                        .replaceAll(escape ->
                                escape.group(1) == null
                                        ? Matcher.quoteReplacement(escape.group())
                                        : "\\\\ufffd");
        return mended.equals(json)
                ? Optional.empty()
                : Optional.of(new JsonText(mended.toCharArray(), true));
    }

    boolean isMended() {
        return mended;
    }

    JsonParser parser() {
        return SCAN.createParser(ObjectReadContext.empty(), text, 0, text.length);
    }

    String raw(int from, int to) {
        return new String(text, from, to - from);
    }

    /** What a string says, between its quotes. */
    String string(int from, int to) {
        for (int at = from + 1; at < to - 1; at++) {
            if (text[at] == '\\') {
                return TREE.readValue(raw(from, to), String.class);
            }
        }
        return raw(from + 1, to - 1);
    }

    /**
     * An object without blanks between its tokens, and of members with the same name only the last:
     * engines disagree which one counts. Half surrogate pairs, which no UTF-8 holds, are replaced.
     *
     * <p>Written again by Jackson only where that is needed, which takes ten times as long.
     */
    String compact(int from, int to) {
        char[] piece = new char[to - from];
        int length = 0;
        boolean inString = false;
        for (int at = from; at < to; at++) {
            char c = text[at];
            if (inString) {
                piece[length++] = c;
                if (c == '"') {
                    inString = false;
                } else if (c == '\\') {
                    char escaped = text[++at];
                    if (escaped == 'u' && isSurrogate(at)) {
                        return rewritten(from, to);
                    }
                    piece[length++] = escaped;
                }
            } else if (c > ' ') {
                piece[length++] = c;
                inString = c == '"';
            }
        }
        return new String(piece, 0, length);
    }

    int unfoldedLength(int from, int to) {
        int length = 0;
        boolean inString = false;
        for (int at = from; at < to; at++) {
            char c = text[at];
            if (inString && c == '\\') {
                at += text[at + 1] == 'u' ? 5 : 1;
            } else if (c == '"') {
                inString = !inString;
            }
            length += inString || c > ' ' ? 1 : 0;
        }
        return length;
    }

    // \\ud800 to \\udfff
    private boolean isSurrogate(int u) {
        return (text[u + 1] | ' ') == 'd' && Character.digit(text[u + 2], 16) >= 8;
    }

    /** The same for whatever it holds. */
    String rewritten(int from, int to) {
        return EventRules.clean(TREE.readTree(raw(from, to)).toString());
    }

    /** JSON of any encoding (RFC 8259 section 8.1 and its predecessors). */
    static String rewritten(byte[] json) {
        return EventRules.clean(EXCHANGED.readTree(json).toString());
    }
}
