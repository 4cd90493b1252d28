package dev.quintet.chat.centrifugo;

/** A frame that is not the protocol: the socket is closed with {@link Disconnect#BAD_REQUEST}. */
final class Malformed extends Exception {

    private static final long serialVersionUID = 1L;

    Malformed(String reason) {
        super(reason, null, false, false);
    }

    /** At most 123 bytes, what a close frame holds (RFC 6455 section 5.5). */
    String reason() {
        String text = String.valueOf(getMessage()).replaceAll("[^\\x20-\\x7e]", "?");
        return text.length() <= 123 ? text : text.substring(0, 120) + "...";
    }
}
