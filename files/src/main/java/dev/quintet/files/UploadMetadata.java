package dev.quintet.files;

import static dev.quintet.files.FilesRefusal.INVALID_METADATA;
import static dev.quintet.files.FilesRefusal.METADATA_TOO_LARGE;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What a tus client says of a file in Upload-Metadata (tus 1.0, "Creation").
 *
 * @param raw as it came, to be echoed by HEAD; only characters that are safe in a header
 */
public record UploadMetadata(String raw, Map<String, byte[]> values) {

    public static final UploadMetadata NONE = new UploadMetadata("", Map.of());

    private static final int MOST_BYTES = 4096;
    private static final int LONGEST_TEXT = 1024;

    public UploadMetadata {
        values = Map.copyOf(values);
    }

    public static UploadMetadata parse(String header) {
        if (header.length() > MOST_BYTES) {
            throw METADATA_TOO_LARGE.because(header.length(), MOST_BYTES);
        }
        Map<String, byte[]> values = new LinkedHashMap<>();
        for (String pair : header.split(",", -1)) {
            String[] parts = pair.strip().split(" ", -1);
            String key = parts[0];
            if (key.isEmpty() || !key.chars().allMatch(c -> c > 0x20 && c < 0x7f)) {
                throw INVALID_METADATA.because("each pair is an ASCII key, a space, and base64");
            }
            if (parts.length > 2) {
                throw INVALID_METADATA.because("'" + key + "' has more than one value");
            }
            if (values.put(key, decode(key, parts.length == 2 ? parts[1] : "")) != null) {
                throw INVALID_METADATA.because("the key '" + key + "' comes twice");
            }
        }
        return new UploadMetadata(header, values);
    }

    /** The value of the first of these keys that is there and not empty, as text. */
    public Optional<String> text(String... keys) {
        for (String key : keys) {
            byte[] value = values.get(key);
            if (value != null && value.length > 0) {
                return Optional.of(text(key, value));
            }
        }
        return Optional.empty();
    }

    private static byte[] decode(String key, String base64) {
        try {
            return Base64.getDecoder().decode(base64);
        } catch (IllegalArgumentException e) {
            throw INVALID_METADATA.because("the value of '" + key + "' is not base64");
        }
    }

    private static String text(String key, byte[] value) {
        try {
            String text =
                    StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(value)).toString();
            if (text.length() > LONGEST_TEXT || text.chars().anyMatch(Character::isISOControl)) {
                throw INVALID_METADATA.because(
                        "'"
                                + key
                                + "' must be at most 1024 characters, without control characters");
            }
            return text;
        } catch (CharacterCodingException e) {
            throw INVALID_METADATA.because("the value of '" + key + "' is not UTF-8");
        }
    }
}
