package dev.quintet.chat;

import dev.quintet.platform.Texts;
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
        if (Texts.showsNothing(text) || text.indexOf('\0') >= 0) {
            throw ChatRefusal.EMPTY_TEXT.because();
        }
    }
}
