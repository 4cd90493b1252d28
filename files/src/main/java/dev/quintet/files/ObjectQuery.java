package dev.quintet.files;

/**
 * Which part of a bucket to list, in the order of the keys' UTF-8 bytes.
 *
 * @param delimiter empty for none; keys that share the text up to its first occurrence behind the
 *     prefix come as one common prefix
 * @param from where to go on
 * @param limit at most so many keys and common prefixes together
 */
public record ObjectQuery(String bucket, String prefix, String delimiter, From from, int limit) {

    /** The place behind which a page begins. */
    public sealed interface From {

        record Start() implements From {}

        /** Behind this key; a common prefix that goes on behind it counts again. */
        record Key(String key) implements From {}

        /** Behind all that begins with this common prefix. */
        record Prefix(String prefix) implements From {}
    }

    /**
     * The least text that sorts behind everything that begins with {@code text}, in the order of
     * code points.
     */
    static String behind(String text) {
        int last = text.codePointBefore(text.length());
        String head = text.substring(0, text.length() - Character.charCount(last));
        if (last == Character.MAX_CODE_POINT) {
            return head.isEmpty() ? text + text : behind(head);
        }
        // No text holds a lone surrogate.
        int next = last + 1 == Character.MIN_SURROGATE ? Character.MAX_SURROGATE + 1 : last + 1;
        return head + Character.toString(next);
    }
}
