package dev.quintet.files;

import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/** Which media types are taken for what they say, and which may be shown in place. */
public final class MediaTypes {

    public static final String UNKNOWN = "application/octet-stream";

    private static final Pattern TYPE =
            Pattern.compile(
                    "[A-Za-z0-9!#$&^_.+-]{1,100}/[A-Za-z0-9!#$&^_.+-]{1,100}"
                            + "(\\s*;\\s*[A-Za-z0-9_-]{1,50}=(\"[\\x20\\x21\\x23-\\x5b\\x5d-\\x7e]{0,100}\"|[A-Za-z0-9!#$&^_.+-]{1,100})){0,4}");

    // Neither scripts nor styles run in these; svg, pdf, html and xml are missing on purpose.
    private static final Set<String> INERT =
            Set.of(
                    "image/png",
                    "image/jpeg",
                    "image/gif",
                    "image/webp",
                    "image/avif",
                    "audio/mpeg",
                    "audio/ogg",
                    "audio/wav",
                    "audio/webm",
                    "video/mp4",
                    "video/webm",
                    "text/plain");

    private MediaTypes() {}

    /** The type as given if it is one (RFC 9110 section 8.3.1), else {@link #UNKNOWN}. */
    public static String orUnknown(String given) {
        return TYPE.matcher(given).matches() ? given : UNKNOWN;
    }

    public static boolean mayShowInPlace(String type) {
        return INERT.contains(type.split(";", 2)[0].strip().toLowerCase(Locale.ROOT));
    }
}
