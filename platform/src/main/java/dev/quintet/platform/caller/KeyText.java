package dev.quintet.platform.caller;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.regex.Pattern;
import java.util.zip.CRC32;

/**
 * The text of an API key: {@code qk_}, 43 random letters and digits (256 bits), and a CRC-32 of
 * what stands before it in six. Scanners find it by its form, and mistyped ones never reach the
 * database.
 */
final class KeyText {

    private static final String DIGITS =
            "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private static final int SECRET = 43;
    private static final int CHECK = 6;
    private static final String PREFIX = "qk_";
    private static final Pattern FORM =
            Pattern.compile(PREFIX + "[0-9A-Za-z]{" + (SECRET + CHECK) + "}");

    private KeyText() {}

    static String make(SecureRandom random) {
        StringBuilder text = new StringBuilder(PREFIX);
        for (int digit = 0; digit < SECRET; digit++) {
            text.append(DIGITS.charAt(random.nextInt(DIGITS.length())));
        }
        return text + check(text.toString());
    }

    static boolean isWellFormed(String text) {
        int border = text.length() - CHECK;
        return FORM.matcher(text).matches()
                && check(text.substring(0, border)).equals(text.substring(border));
    }

    private static String check(String text) {
        CRC32 crc = new CRC32();
        crc.update(text.getBytes(StandardCharsets.US_ASCII));
        char[] digits = new char[CHECK];
        long rest = crc.getValue();
        for (int at = CHECK - 1; at >= 0; at--) {
            digits[at] = DIGITS.charAt((int) (rest % DIGITS.length()));
            rest /= DIGITS.length();
        }
        return new String(digits);
    }
}
