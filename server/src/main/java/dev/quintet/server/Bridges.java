package dev.quintet.server;

import dev.quintet.analytics.Analytics;
import dev.quintet.analytics.ServerEvent;
import dev.quintet.auth.Auth;
import dev.quintet.auth.AuthEvent.SignedIn;
import dev.quintet.chat.Chat;
import dev.quintet.chat.MentionMissed;
import dev.quintet.chat.MessagesSent;
import dev.quintet.files.Files;
import dev.quintet.files.UploadStored;
import dev.quintet.notify.Draft;
import dev.quintet.notify.Notify;
import dev.quintet.platform.events.Event;
import dev.quintet.platform.events.Events;
import dev.quintet.platform.events.Handler.Told;
import dev.quintet.platform.people.PersonErased;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

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
                                MentionMissed.class,
                                (id, e) -> tellMentioned(to, from, e))));

        analytics.ifPresent(to -> {
            count(events, to, "analytics.sign-ins", SignedIn.class, Bridges::signedIn);
            count(events, to, "analytics.messages", MessagesSent.class, Bridges::messagesSent);
            count(events, to, "analytics.uploads", UploadStored.class, Bridges::uploadStored);
        });

        auth.ifPresent(
                to -> events.on("auth.erase", PersonErased.class, (id, e) -> to.erase(e.person())));
        notify.ifPresent(to ->
                events.on("notify.erase", PersonErased.class, (id, e) -> to.erase(e.person())));
        chat.ifPresent(
                to -> events.on("chat.erase", PersonErased.class, (id, e) -> to.erase(e.person())));
        files.ifPresent(to ->
                events.on("files.erase", PersonErased.class, (id, e) -> to.erase(e.person())));
        analytics.ifPresent(to ->
                events.on(
                        "analytics.erase",
                        PersonErased.class,
                        (id, e) -> to.erase(e.organisation(), e.person())));
    }

    /** One inbox entry and one mail per message and person who missed that it mentions them. */
    private static void tellMentioned(Notify notify, Chat chat, MentionMissed missed) {
        String text =
                chat.message(missed.room(), missed.seq()).map(message -> message.text()).orElse("");
        if (!text.isEmpty()) {
            notify.accept(
                    missed.organisation(),
                    Draft.toPerson(
                            missed.person(),
                            missed.sender(),
                            "mention",
                            "You were mentioned",
                            text,
                            dedupeKey(missed)));
        }
    }

    private static String dedupeKey(MentionMissed missed) {
        return "mention " + missed.room() + ' ' + missed.seq() + ' ' + missed.person();
    }

    private static <E extends Record & Event> void count(
            Events events,
            Analytics analytics,
            String subscriber,
            Class<E> type,
            Function<Told<E>, ServerEvent> shape) {
        events.onMany(
                subscriber, type, told -> analytics.record(told.stream().map(shape).toList()));
    }

    private static ServerEvent signedIn(Told<SignedIn> told) {
        SignedIn event = told.event();
        return new ServerEvent(
                told.id(),
                event.organisation(),
                Optional.of(event.person()),
                "signed_in",
                Map.of("client", event.client()));
    }

    private static ServerEvent messagesSent(Told<MessagesSent> told) {
        MessagesSent event = told.event();
        return new ServerEvent(
                told.id(),
                event.organisation(),
                Optional.empty(),
                "messages_sent",
                Map.of("count", event.count()));
    }

    private static ServerEvent uploadStored(Told<UploadStored> told) {
        UploadStored event = told.event();
        return new ServerEvent(
                told.id(),
                event.organisation(),
                event.person(),
                "upload_stored",
                Map.of("size", event.size()));
    }
}
