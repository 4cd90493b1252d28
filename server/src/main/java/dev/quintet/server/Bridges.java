package dev.quintet.server;

import dev.quintet.analytics.Analytics;
import dev.quintet.auth.Auth;
import dev.quintet.auth.AuthEvent.SignedIn;
import dev.quintet.chat.Chat;
import dev.quintet.chat.MessagesSent;
import dev.quintet.files.Files;
import dev.quintet.files.UploadStored;
import dev.quintet.notify.Draft;
import dev.quintet.notify.Notify;
import dev.quintet.platform.events.Events;
import dev.quintet.platform.people.PersonErased;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * Everything that crosses a border, one line each. An event may come twice: its id, or a key made
 * of what it tells, makes the effect single. A system that is off has no line.
 */
final class Bridges {

    private Bridges() {}

    static void connect(
            Events events,
            Optional<Auth> auth,
            Optional<Notify> notify,
            Optional<Chat> chat,
            Optional<Files> files,
            Optional<Analytics> analytics) {
        notify.ifPresent(to ->
                chat.ifPresent(from ->
                        events.on(
                                "notify.mentions",
                                MessagesSent.class,
                                (id, e) -> tellMentioned(to, from, e))));

        analytics.ifPresent(to ->
                events.on(
                        "analytics.sign-ins",
                        SignedIn.class,
                        (id, e) ->
                                to.record(
                                        id,
                                        e.organisation(),
                                        Optional.of(e.person()),
                                        "signed_in",
                                        Map.of("client", e.client()))));
        analytics.ifPresent(to ->
                events.on(
                        "analytics.messages",
                        MessagesSent.class,
                        (id, e) ->
                                to.record(
                                        id,
                                        e.organisation(),
                                        Optional.empty(),
                                        "messages_sent",
                                        Map.of("count", e.count()))));
        analytics.ifPresent(to ->
                events.on(
                        "analytics.uploads",
                        UploadStored.class,
                        (id, e) ->
                                to.record(
                                        id,
                                        e.organisation(),
                                        e.person(),
                                        "upload_stored",
                                        Map.of("size", e.size()))));

        auth.ifPresent(
                to -> events.on("auth.erase", PersonErased.class, (id, e) -> to.erase(e.person())));
        notify.ifPresent(to ->
                events.on("notify.erase", PersonErased.class, (id, e) -> to.erase(e.person())));
        chat.ifPresent(
                to -> events.on("chat.erase", PersonErased.class, (id, e) -> to.erase(e.person())));
        files.ifPresent(to ->
                events.on("files.erase", PersonErased.class, (id, e) -> to.erase(e.person())));
        analytics.ifPresent(to ->
                events.on("analytics.erase", PersonErased.class, (id, e) -> to.erase(e.person())));
    }

    /** One inbox entry and one mail per member who was mentioned while offline, and per message. */
    private static void tellMentioned(Notify notify, Chat chat, MessagesSent sent) {
        for (MessagesSent.Missed missed : sent.missed()) {
            String text =
                    chat.message(sent.room(), missed.seq())
                            .map(message -> message.text())
                            .orElse("");
            if (!text.isEmpty()) {
                notify.accept(
                        sent.organisation(),
                        Draft.toPerson(
                                missed.person(),
                                "mention",
                                "You were mentioned",
                                text,
                                dedupeKey(sent.room(), missed)));
            }
        }
    }

    private static String dedupeKey(UUID room, MessagesSent.Missed missed) {
        return "mention " + room + ' ' + missed.seq() + ' ' + missed.person();
    }
}
