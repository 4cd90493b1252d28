package dev.quintet.files;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/** The name under which a file is offered for download: no path, no control characters. */
public record FileName(String text) {

    private static final String NAMELESS = "file";
    private static final int LONGEST = 200;
    private static final HexFormat HEX = HexFormat.of().withUpperCase();

    /** The last segment of whatever name or path somebody gave. */
    public static FileName of(String given) {
        String last =
                given.substring(Math.max(given.lastIndexOf('/'), given.lastIndexOf('\\')) + 1);
        String clean =
                last.codePoints()
                        .filter(c -> !Character.isISOControl(c) && !isDirection(c))
                        .limit(LONGEST)
                        .collect(
                                StringBuilder::new,
                                StringBuilder::appendCodePoint,
                                StringBuilder::append)
                        .toString()
                        .strip();
        return new FileName(clean.isEmpty() || clean.matches("\\.+") ? NAMELESS : clean);
    }

    /** RFC 6266: an ASCII form for old clients, the exact one for all others. */
    public String disposition(String kind) {
        String ascii = text.replaceAll("[^\\x20-\\x7e]|[\"\\\\%;]", "_");
        return kind + "; filename=\"" + ascii + "\"; filename*=UTF-8''" + encoded();
    }

    /** Percent-encoded, for a header or the last segment of a path. */
    public String encoded() {
        StringBuilder out = new StringBuilder();
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (b & 0xFF);
            if ((c < 0x80 && Character.isLetterOrDigit(c)) || "-._~".indexOf(c) >= 0) {
                out.append(c);
            } else {
                out.append('%').append(HEX.toHexDigits(b));
            }
        }
        return out.toString();
    }

    // Overrides of writing direction make 'gpj.exe' look like a picture.
    private static boolean isDirection(int c) {
        return (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
    }
}
