package dev.quintet.notify;

import jakarta.mail.internet.AddressException;
import jakarta.mail.internet.InternetAddress;
import java.util.Optional;

/**
 * Whether a text is one mail address that can stand in an envelope (RFC 5321 section 4.1.2), and
 * nothing around it.
 */
public final class MailAddress {

    private static final int MAX_LENGTH = 254;

    private MailAddress() {}

    public static Optional<String> check(String text) {
        if (text.length() > MAX_LENGTH
                || text.chars()
                        .anyMatch(c -> c <= ' ' || c == 0x7F || c == ',' || c == '<' || c == '>')) {
            return Optional.empty();
        }
        try {
            InternetAddress address = new InternetAddress(text, true);
            address.validate();
            return text.contains("@") && address.getAddress().equals(text)
                    ? Optional.of(text)
                    : Optional.empty();
        } catch (AddressException notOne) {
            return Optional.empty();
        }
    }
}
