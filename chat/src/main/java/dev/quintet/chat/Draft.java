package dev.quintet.chat;

import java.util.List;
import java.util.UUID;

/**
 * A message before it has a number.
 *
 * @param clientId the sender's own name for it: the same one in the same room is the same message
 */
public record Draft(UUID sender, String clientId, String text, List<UUID> mentions) {

    private static final int LONGEST_CLIENT_ID = 255;

    public Draft {
        mentions = mentions.stream().distinct().toList();
        if (clientId.isEmpty()
                || clientId.length() > LONGEST_CLIENT_ID
                || !clientId.chars().allMatch(c -> c >= 0x20 && c != 0x7f)) {
            throw ChatRefusal.BAD_CLIENT_ID.because(LONGEST_CLIENT_ID);
        }
        // PostgreSQL's text holds every character but this one.
        if (text.codePoints().allMatch(Draft::isUnseen) || text.indexOf('\0') >= 0) {
            throw ChatRefusal.EMPTY_TEXT.because();
        }
    }

    /** Blanks of every kind, format characters, and letters and marks that show nothing alone. */
    private static boolean isUnseen(int c) {
        return switch (Character.getType(c)) {
            case Character.SPACE_SEPARATOR,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.CONTROL,
                    Character.FORMAT ->
                    true;
            // Hangul fillers, the empty Braille pattern; what joins or varies another character.
            default ->
                    c == 0x115f
                            || c == 0x1160
                            || c == 0x3164
                            || c == 0xffa0
                            || c == 0x2800
                            || c == 0x34f
                            || c == 0x17b4
                            || c == 0x17b5
                            || (c >= 0x180b && c <= 0x180f)
                            || (c >= 0xfe00 && c <= 0xfe0f)
                            || (c >= 0xe0100 && c <= 0xe01ef);
        };
    }
}
