package dev.quintet.platform;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A number of bytes that carries its unit: {@code 16 MiB}, {@code 2g}, {@code 512k}; units are
 * powers of 1,024.
 */
public record DataSize(long bytes) implements Comparable<DataSize> {

    private static final Pattern TEXT = Pattern.compile("(\\d{1,15})\\s*([kmgt]?)(i?b)?");

    public DataSize {
        if (bytes < 0) {
            throw new IllegalArgumentException("a size is not negative: " + bytes);
        }
    }

    public static DataSize mebibytes(long count) {
        return new DataSize(Math.multiplyExact(count, 1L << 20));
    }

    public static DataSize kibibytes(long count) {
        return new DataSize(Math.multiplyExact(count, 1L << 10));
    }

    /**
     * Reads {@code 2g}, {@code 512 MiB}, {@code 4096}; refuses anything else by saying what it
     * takes.
     */
    public static DataSize parse(String text) {
        Matcher match = TEXT.matcher(text.strip().toLowerCase(Locale.ROOT));
        if (!match.matches()) {
            throw new IllegalArgumentException(
                    "'" + text + "' is not a size; write 512k, 16m, 2g or a number of bytes");
        }
        int shift =
                "kmgt".indexOf(match.group(2).isEmpty() ? '-' : match.group(2).charAt(0)) * 10 + 10;
        return new DataSize(
                Math.multiplyExact(Long.parseLong(match.group(1)), 1L << Math.max(0, shift)));
    }

    @Override
    public int compareTo(DataSize other) {
        return Long.compare(bytes, other.bytes);
    }

    @Override
    public String toString() {
        for (int unit = 4; unit > 0; unit--) {
            long size = 1L << (10 * unit);
            if (bytes >= size && bytes % size == 0) {
                return bytes / size + " " + "KMGT".charAt(unit - 1) + "iB";
            }
        }
        return bytes + " B";
    }
}
