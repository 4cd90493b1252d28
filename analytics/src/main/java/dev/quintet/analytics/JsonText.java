package dev.quintet.analytics;

import java.util.Optional;
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

    private final char[] text;
    private final char[] piece;
    private final boolean mended;

    JsonText(String text) {
        this(text.toCharArray(), false);
    }

    private JsonText(char[] text, boolean mended) {
        this.text = text;
        this.piece = new char[text.length];
        this.mended = mended;
    }

    /** The same text with U+FFFD for each half of a surrogate pair; none if there is no half. */
    static Optional<JsonText> withoutHalves(String json) {
        char[] text = json.toCharArray();
        boolean mended = false;
        for (int at = 0; at < text.length - 5; at++) {
            if (text[at] != '\\') {
                continue;
            }
            at++;
            if (isSurrogate(text, at, 'c', 'f') || isSurrogate(text, at, '8', 'b')) {
                boolean pair =
                        isSurrogate(text, at, '8', 'b')
                                && text[at + 5] == '\\'
                                && isSurrogate(text, at + 6, 'c', 'f');
                if (pair) {
                    at += 6;
                } else {
                    "fffd".getChars(0, 4, text, at + 1);
                    mended = true;
                }
            }
        }
        return mended ? Optional.of(new JsonText(text, true)) : Optional.empty();
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
                    if (isSurrogate(text, at, '8', 'f')) {
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

    /** Whether a {@code uXXXX} lies there that is a surrogate, its second digit within these. */
    private static boolean isSurrogate(char[] text, int at, char least, char most) {
        if (at + 4 >= text.length || text[at] != 'u' || (text[at + 1] | ' ') != 'd') {
            return false;
        }
        int digit = Character.digit(text[at + 2], 16);
        return digit >= Character.digit(least, 16) && digit <= Character.digit(most, 16);
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
