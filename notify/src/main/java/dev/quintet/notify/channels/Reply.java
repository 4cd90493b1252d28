package dev.quintet.notify.channels;

import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a mail server answered to a recipient or to a mail, or else to the sender or the session.
 *
 * @param ofMail whether it is the answer to RCPT or to the whole mail
 */
record Reply(boolean ofMail, int code, String text) {

    // Asked to authenticate, wrong password, mechanism too weak, bad sequence (RFC 4954 section 6).
    private static final Set<Integer> OF_THE_SESSION = Set.of(503, 530, 534, 535, 538);

    // Enhanced status codes (RFC 3463): class, subject, detail.
    private static final Pattern ENHANCED = Pattern.compile("\\b5\\.(\\d{1,3})\\.(\\d{1,3})\\b");

    /** Whether the same mail to the same recipient can never be taken, whoever sends it. */
    boolean isForGood() {
        if (!ofMail || code < 500 || OF_THE_SESSION.contains(code)) {
            return false;
        }
        Matcher enhanced = ENHANCED.matcher(text);
        if (!enhanced.find()) {
            return true;
        }
        String detail = enhanced.group(2);
        return switch (enhanced.group(1)) {
            // Of addresses: 7 and 8 are the sender's.
            case "1" -> !detail.equals("7") && !detail.equals("8");
            // Of the mail system: 4 is a mail that is too big for it.
            case "3" -> detail.equals("4");
            // Of the protocol; of security and policy, which is about who sends.
            case "5", "7" -> false;
            default -> true;
        };
    }
}
