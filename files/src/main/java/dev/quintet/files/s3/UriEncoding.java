package dev.quintet.files.s3;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/** SigV4's UriEncode: every byte but A-Z a-z 0-9 - . _ ~ becomes %XX in upper case. */
final class UriEncoding {

    private static final HexFormat HEX = HexFormat.of().withUpperCase();

    private UriEncoding() {}

    static String encode(String text) {
        return encode(text, false);
    }

    /** As {@link #encode}, but slashes stay: for paths and for {@code encoding-type=url}. */
    static String encodePath(String text) {
        return encode(text, true);
    }

    private static String encode(String text, boolean slashStays) {
        StringBuilder out = new StringBuilder(text.length() + 16);
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (b & 0xFF);
            if (isUnreserved(c) || (c == '/' && slashStays)) {
                out.append(c);
            } else {
                out.append('%').append(HEX.toHexDigits(b));
            }
        }
        return out.toString();
    }

    private static boolean isUnreserved(char c) {
        return (c >= 'a' && c <= 'z')
                || (c >= 'A' && c <= 'Z')
                || (c >= '0' && c <= '9')
                || c == '-'
                || c == '.'
                || c == '_'
                || c == '~';
    }
}
