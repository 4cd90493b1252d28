package dev.quintet.bench.journey;

import com.icegreen.greenmail.util.GreenMail;
import jakarta.mail.MessagingException;
import jakarta.mail.internet.MimeMessage;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/**
 * notify: notifications to Bob by inbox and mail. Each acknowledged one must be one inbox entry and
 * at least one mail, all copies of it under one Message-ID.
 */
final class Notices implements Actor {

    private final Calls calls;
    private final Tally tally;
    private final Cast cast;
    private final GreenMail mail;
    private final Set<String> acknowledged = new HashSet<>();

    Notices(Cast cast, Tally tally, GreenMail mail) {
        this.calls = cast.calls();
        this.tally = tally;
        this.cast = cast;
        this.mail = mail;
    }

    @Override
    public void act() {
        String title = "notice " + acknowledged.size();
        calls.json(
                tally,
                cast.adminKey(),
                "POST",
                "/api/v1/notifications",
                "{\"to\":[{\"user\":\"%s\"}],\"channels\":[\"inapp\",\"email\"],\"content\":{\"title\":\"%s\",\"body\":\"hello\"}}"
                        .formatted(cast.bob().id(), title),
                request -> request.header("Idempotency-Key", title.replace(' ', '-')));
        acknowledged.add(title);
        tally.acknowledge();
    }

    @Override
    public void check() {
        inbox();
        Calls.until("a mail of each is here", () -> mails().keySet().containsAll(acknowledged));
        mails().forEach((subject, messageIds) -> {
            if (!acknowledged.contains(subject) || messageIds.size() > 1) {
                calls.wrong("notify: mail '" + subject + "' came as " + messageIds);
            }
        });
    }

    /** The Message-IDs of each subject. */
    private Map<String, Set<String>> mails() {
        Map<String, Set<String>> mails = new HashMap<>();
        for (MimeMessage one : mail.getReceivedMessages()) {
            try {
                mails.computeIfAbsent(one.getSubject(), any -> new HashSet<>())
                        .add(one.getMessageID());
            } catch (MessagingException unreadable) {
                throw new IllegalStateException(unreadable);
            }
        }
        return mails;
    }

    private void inbox() {
        String bearer = cast.bobsToken();
        Set<String> entries = new HashSet<>();
        String after = "";
        for (boolean more = true; more; ) {
            JsonNode page = calls.json(tally, bearer, "GET", "/api/v1/inbox?limit=200" + after, "");
            for (JsonNode entry : page.get("items")) {
                if (!entries.add(entry.get("title").asString())) {
                    calls.wrong("notify: twice in the inbox: " + entry.get("title"));
                }
            }
            more = page.hasNonNull("next");
            after = "&after=" + page.path("next").asString("");
        }
        if (!entries.equals(acknowledged)) {
            calls.wrong(
                    "notify: %d entries in the inbox, acknowledged were %d"
                            .formatted(entries.size(), acknowledged.size()));
        }
    }
}
