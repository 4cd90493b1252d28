package dev.quintet.platform;

import static dev.quintet.platform.PlatformRefusal.NOT_AN_ID;
import static dev.quintet.platform.PlatformRefusal.WRONG_ID_KIND;

import java.util.Arrays;
import java.util.Optional;
import java.util.UUID;

/**
 * The kind of thing an id names, and how such ids are shown: TypeID 0.3, {@code <prefix>_<26
 * Crockford base32 digits>} over the 128 bits of a UUIDv7. In the database it is a {@code uuid}.
 */
public record IdKind(String prefix, String noun) {

    private static final char[] DIGITS = "0123456789abcdefghjkmnpqrstvwxyz".toCharArray();
    private static final byte[] VALUES = new byte[128];
    private static final int LENGTH = 26;

    static {
        Arrays.fill(VALUES, (byte) -1);
        for (byte value = 0; value < DIGITS.length; value++) {
            VALUES[DIGITS[value]] = value;
        }
    }

    public static final IdKind PERSON = new IdKind("user", "person");
    public static final IdKind ORGANISATION = new IdKind("org", "organisation");

    public String show(UUID id) {
        char[] digits = new char[LENGTH];
        long high = id.getMostSignificantBits();
        long low = id.getLeastSignificantBits();
        for (int at = LENGTH - 1; at >= 0; at--) {
            digits[at] = DIGITS[(int) (low & 31)];
            low = (low >>> 5) | (high << 59);
            high >>>= 5;
        }
        return prefix + '_' + new String(digits);
    }

    /** The id that is shown like this, if it is one of this kind. */
    public Optional<UUID> read(String shown) {
        try {
            return Optional.of(parse(shown));
        } catch (Refused notOne) {
            return Optional.empty();
        }
    }

    /**
     * Reads a shown id back; refuses another kind by naming the kind expected and the one that
     * came.
     */
    public UUID parse(String shown) {
        int border = shown.lastIndexOf('_');
        if (border < 0) {
            throw NOT_AN_ID.because(cut(shown), noun, prefix);
        }
        if (!shown.substring(0, border).equals(prefix)) {
            throw WRONG_ID_KIND.because(noun, prefix, cut(shown));
        }
        String digits = shown.substring(border + 1);
        // The first digit carries 3 of the 130 bits: above 7 it would overflow 128.
        if (digits.length() != LENGTH || digits.charAt(0) > '7') {
            throw NOT_AN_ID.because(cut(shown), noun, prefix);
        }
        long high = 0;
        long low = 0;
        for (int at = 0; at < LENGTH; at++) {
            char digit = digits.charAt(at);
            int value = digit < VALUES.length ? VALUES[digit] : -1;
            if (value < 0) {
                throw NOT_AN_ID.because(cut(shown), noun, prefix);
            }
            high = (high << 5) | (low >>> 59);
            low = (low << 5) | value;
        }
        return new UUID(high, low);
    }

    private static String cut(String shown) {
        return shown.length() <= 60 ? shown : shown.substring(0, 60) + "...";
    }
}
