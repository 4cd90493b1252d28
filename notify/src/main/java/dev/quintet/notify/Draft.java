package dev.quintet.notify;

import dev.quintet.platform.Texts;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * A notification as somebody asks for it, checked but not yet accepted.
 *
 * @param channels the ways it may take; empty lets each recipient's usual ones stand
 * @param dedupeKey a second draft of the organisation with the same key is the first one again
 */
public record Draft(
        List<Recipient> to,
        Priority priority,
        Optional<String> category,
        String title,
        String body,
        Set<ChannelKind> channels,
        Optional<Instant> sendAt,
        Optional<Instant> expiresAt,
        Optional<String> dedupeKey,
        Optional<UUID> author) {

    public static final int MAX_RECIPIENTS = 1_000;
    private static final int MAX_TITLE = 250;
    private static final int MAX_BODY = 64 * 1024;
    private static final int MAX_WORD = 200;

    public Draft {
        to = List.copyOf(to);
        channels = Set.copyOf(channels);
        if (to.isEmpty()) {
            throw NotifyRefusal.NO_RECIPIENT.because(MAX_RECIPIENTS);
        }
        if (to.size() > MAX_RECIPIENTS) {
            throw NotifyRefusal.TOO_MANY_RECIPIENTS.because(to.size(), MAX_RECIPIENTS);
        }
        checkText("title", title, MAX_TITLE);
        checkText("body", body, MAX_BODY);
        // A title becomes a header line; a control character in it would begin another (RFC 5322
        // section 2.2).
        if (title.chars().anyMatch(Character::isISOControl)) {
            throw NotifyRefusal.BAD_CONTENT.because(
                    "title", "is one line of text without control characters");
        }
        if (body.indexOf('\0') >= 0) {
            throw NotifyRefusal.BAD_CONTENT.because("body", "holds no NUL character");
        }
        category.ifPresent(word -> checkWord("category", word));
        dedupeKey.ifPresent(word -> checkWord("dedupeKey", word));
        if (sendAt.isPresent() && expiresAt.isPresent() && !expiresAt.get().isAfter(sendAt.get())) {
            throw NotifyRefusal.BAD_SCHEDULE.because(
                    "'expiresAt' is not after 'sendAt', so it could never be sent");
        }
    }

    private static void checkText(String name, String text, int limit) {
        if (Texts.showsNothing(text)) {
            throw NotifyRefusal.BAD_CONTENT.because(name, "is empty");
        }
        if (text.length() > limit) {
            throw NotifyRefusal.BAD_CONTENT.because(
                    name, "has " + text.length() + " characters, the limit is " + limit);
        }
        if (!isUnicode(text)) {
            throw NotifyRefusal.BAD_CONTENT.because(name, "holds half of a surrogate pair");
        }
    }

    /** Half of a surrogate pair has no UTF-8, so neither database nor mail could carry it. */
    private static boolean isUnicode(String text) {
        return StandardCharsets.UTF_8.newEncoder().canEncode(text);
    }

    private static void checkWord(String name, String word) {
        if (word.isBlank()
                || word.length() > MAX_WORD
                || word.chars().anyMatch(Character::isISOControl)
                || !isUnicode(word)) {
            throw NotifyRefusal.BAD_LABEL.because(name, MAX_WORD);
        }
    }

    /**
     * The usual draft of another system: to one person, by every way that reaches them, once per
     * {@code dedupeKey}. The body is the author's, and is cut where it is too long.
     */
    public static Draft toPerson(
            UUID person,
            UUID author,
            String category,
            String title,
            String body,
            String dedupeKey) {
        return new Draft(
                List.of(new Recipient.User(person)),
                Priority.NORMAL,
                Optional.of(category),
                title,
                body.length() <= MAX_BODY ? body : cut(body),
                Set.of(),
                Optional.empty(),
                Optional.empty(),
                Optional.of(dedupeKey),
                Optional.of(author));
    }

    private static String cut(String body) {
        int end = MAX_BODY - 1;
        return body.substring(0, Character.isHighSurrogate(body.charAt(end - 1)) ? end - 1 : end)
                + '\u2026';
    }
}
