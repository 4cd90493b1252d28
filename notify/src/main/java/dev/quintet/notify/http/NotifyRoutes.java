package dev.quintet.notify.http;

import static dev.quintet.notify.NotifyRefusal.BAD_CONTENT;
import static dev.quintet.notify.NotifyRefusal.BAD_CURSOR;
import static dev.quintet.notify.NotifyRefusal.BAD_LABEL;
import static dev.quintet.notify.NotifyRefusal.BAD_PRIORITY;
import static dev.quintet.notify.NotifyRefusal.BAD_RECIPIENT;
import static dev.quintet.notify.NotifyRefusal.BAD_SCHEDULE;
import static dev.quintet.notify.NotifyRefusal.LANE_FULL;
import static dev.quintet.notify.NotifyRefusal.NOT_IN_THIS_VERSION;
import static dev.quintet.notify.NotifyRefusal.NO_RECIPIENT;
import static dev.quintet.notify.NotifyRefusal.TOO_MANY_RECIPIENTS;
import static dev.quintet.notify.NotifyRefusal.UNKNOWN_NOTIFICATION;
import static dev.quintet.notify.NotifyRefusal.UNKNOWN_RECIPIENT;
import static dev.quintet.platform.PlatformRefusal.NOT_AN_ID;
import static dev.quintet.platform.PlatformRefusal.WRONG_ID_KIND;
import static dev.quintet.platform.http.Route.get;
import static dev.quintet.platform.http.Route.post;
import static dev.quintet.platform.sql.SqlRefusal.IDEMPOTENCY_KEY_REUSED;

import dev.quintet.notify.ChannelKind;
import dev.quintet.notify.Draft;
import dev.quintet.notify.Notify;
import dev.quintet.notify.Priority;
import dev.quintet.notify.Recipient;
import dev.quintet.platform.IdKind;
import dev.quintet.platform.caller.Scope;
import dev.quintet.platform.http.Cursor;
import dev.quintet.platform.http.Idempotency;
import dev.quintet.platform.http.Request;
import dev.quintet.platform.http.Response;
import dev.quintet.platform.http.Routes;
import dev.quintet.platform.people.EmailAddress;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;

/** Sending notifications, and seeing what became of each: {@code /api/v1/notifications}. */
public final class NotifyRoutes {

    private static final IdKind DELIVERY = new IdKind("dlv", "delivery");

    private final Notify notify;
    private final Idempotency idempotency;

    public NotifyRoutes(Notify notify, Idempotency idempotency) {
        this.notify = notify;
        this.idempotency = idempotency;
    }

    public Routes routes() {
        return Routes.of(
                "notify",
                post("/api/v1/notifications")
                        .scope(Scope.NOTIFY_WRITE)
                        .says(
                                "Accepts a notification; the answer comes when it is durable, before it is sent.")
                        .takes(Send.class)
                        .gives(202, Sent.class)
                        .refuses(
                                NO_RECIPIENT,
                                TOO_MANY_RECIPIENTS,
                                BAD_RECIPIENT,
                                UNKNOWN_RECIPIENT,
                                NOT_IN_THIS_VERSION,
                                BAD_CONTENT,
                                BAD_LABEL,
                                BAD_PRIORITY,
                                BAD_SCHEDULE,
                                LANE_FULL,
                                NOT_AN_ID,
                                WRONG_ID_KIND,
                                IDEMPOTENCY_KEY_REUSED)
                        .by(this::send),
                get("/api/v1/notifications")
                        .scope(Scope.NOTIFY_READ)
                        .says("The organisation's notifications, newest first.")
                        .query("limit", "1 to 200, 50 when left out")
                        .query("after", "'next' of the page before")
                        .gives(200, Page.class)
                        .refuses(BAD_CURSOR)
                        .by(this::list),
                get("/api/v1/notifications/{id}")
                        .scope(Scope.NOTIFY_READ)
                        .says("Where a notification stands.")
                        .gives(200, Notification.class)
                        .refuses(UNKNOWN_NOTIFICATION, NOT_AN_ID, WRONG_ID_KIND)
                        .by(request ->
                                Response.json(
                                        wire(
                                                notify.view(
                                                        request.caller().organisation(),
                                                        request.path("id", Notify.NOTIFICATION))))),
                get("/api/v1/notifications/{id}/deliveries")
                        .scope(Scope.NOTIFY_READ)
                        .says(
                                "Every attempt for every recipient, in the order in which they began.")
                        .query("limit", "1 to 200, 50 when left out")
                        .query("after", "'next' of the page before")
                        .gives(200, Attempts.class)
                        .refuses(UNKNOWN_NOTIFICATION, BAD_CURSOR, NOT_AN_ID, WRONG_ID_KIND)
                        .by(this::attempts));
    }

    // --- wire

    record Send(
            List<To> to,
            Optional<String> category,
            Optional<String> priority,
            Optional<Content> content,
            Optional<String> template,
            Optional<List<String>> channels,
            Optional<Instant> sendAt,
            Optional<Instant> expiresAt,
            Optional<String> dedupeKey) {}

    record To(
            Optional<String> user,
            Optional<String> email,
            Optional<String> phone,
            Optional<String> topic,
            Optional<String> webhook) {}

    record Content(String title, String body) {}

    record Sent(String id) {}

    record Notification(
            String id,
            String state,
            String priority,
            Optional<String> category,
            String title,
            Instant createdAt,
            Instant sendAt,
            Notify.Counts counts) {}

    record Page(List<Notification> items, Optional<String> next) {}

    record Attempt(
            String delivery,
            String channel,
            String recipient,
            int attempt,
            Instant at,
            Optional<Instant> finishedAt,
            String outcome,
            Optional<String> detail) {}

    record Attempts(List<Attempt> items, Optional<String> next) {}

    // --- handlers

    private Response send(Request request) {
        Draft draft = draft(request.json(Send.class));
        return idempotency.answer(
                request,
                202,
                tx ->
                        new Sent(
                                Notify.NOTIFICATION.show(
                                        notify.accept(
                                                tx, request.caller().organisation(), draft))));
    }

    private static Draft draft(Send send) {
        if (send.template().isPresent()) {
            throw NOT_IN_THIS_VERSION.because("'template'", "'content' with title and body");
        }
        Content content =
                send.content()
                        .orElseThrow(() ->
                                BAD_CONTENT.because(
                                        "title", "is missing; give 'content' with title and body"));
        List<Recipient> to = new ArrayList<>();
        for (int at = 0; at < Math.min(send.to().size(), Draft.MAX_RECIPIENTS + 1); at++) {
            to.add(recipient(at, send.to().get(at)));
        }
        return new Draft(
                to,
                send.priority().map(NotifyRoutes::priority).orElse(Priority.NORMAL),
                send.category(),
                content.title(),
                content.body(),
                channels(send.channels().orElse(List.of())),
                send.sendAt(),
                send.expiresAt(),
                send.dedupeKey(),
                Optional.empty());
    }

    private static Recipient recipient(int at, To to) {
        if (Stream.of(to.user(), to.email(), to.phone(), to.topic(), to.webhook())
                        .filter(Optional::isPresent)
                        .count()
                != 1) {
            throw BAD_RECIPIENT.because(at, "names exactly one of user, email, webhook");
        }
        if (to.phone().isPresent() || to.topic().isPresent()) {
            throw NOT_IN_THIS_VERSION.because(
                    "to[" + at + "]." + (to.phone().isPresent() ? "phone" : "topic"),
                    "user, email and webhook");
        }
        if (to.user().isPresent()) {
            return new Recipient.User(IdKind.PERSON.parse(to.user().get()));
        }
        if (to.webhook().isPresent()) {
            return new Recipient.Webhook(Notify.ENDPOINT.parse(to.webhook().get()));
        }
        return switch (EmailAddress.read(to.email().orElseThrow())) {
            case EmailAddress.Read.Good(EmailAddress address) ->
                    new Recipient.Email(address.text());
            case EmailAddress.Read.Bad(String why) ->
                    throw BAD_RECIPIENT.because(
                            at, "is not a mail address: " + why + "; write name@example.com");
        };
    }

    private static Priority priority(String word) {
        return Stream.of(Priority.values())
                .filter(priority -> priority.wire().equals(word))
                .findFirst()
                .orElseThrow(() -> BAD_PRIORITY.because(word));
    }

    private static Set<ChannelKind> channels(List<String> words) {
        EnumSet<ChannelKind> channels = EnumSet.noneOf(ChannelKind.class);
        for (String word : words) {
            channels.add(
                    ChannelKind.of(word)
                            .orElseThrow(() ->
                                    NOT_IN_THIS_VERSION.because(
                                            "channel '" + word.toLowerCase(Locale.ROOT) + "'",
                                            "inapp, email and webhook")));
        }
        return channels;
    }

    private Response list(Request request) {
        int limit = request.query("limit", 1, 200, 50);
        Cursor after = Cursor.after(request, BAD_CURSOR);
        List<Notify.View> page =
                notify.latest(request.caller().organisation(), after.at(), after.id(), limit);
        Optional<String> next =
                page.size() < limit
                        ? Optional.empty()
                        : Optional.of(
                                new Cursor(page.getLast().createdAt(), page.getLast().id())
                                        .toString());
        return Response.json(new Page(page.stream().map(NotifyRoutes::wire).toList(), next));
    }

    private Response attempts(Request request) {
        int limit = request.query("limit", 1, 200, 50);
        long after = request.query("after").map(NotifyRoutes::position).orElse(0L);
        List<Notify.Attempt> page =
                notify.attempts(
                        request.caller().organisation(),
                        request.path("id", Notify.NOTIFICATION),
                        after,
                        limit);
        Optional<String> next =
                page.size() < limit
                        ? Optional.empty()
                        : Optional.of(Long.toString(page.getLast().position()));
        return Response.json(new Attempts(page.stream().map(NotifyRoutes::wire).toList(), next));
    }

    private static long position(String text) {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException notOurs) {
            throw BAD_CURSOR.because();
        }
    }

    private static Notification wire(Notify.View view) {
        return new Notification(
                Notify.NOTIFICATION.show(view.id()),
                view.state(),
                view.priority().wire(),
                view.category(),
                view.title(),
                view.createdAt(),
                view.sendAt(),
                view.counts());
    }

    private static Attempt wire(Notify.Attempt attempt) {
        String recipient =
                attempt.channel() == ChannelKind.WEBHOOK && !attempt.recipient().isEmpty()
                        ? Notify.ENDPOINT.show(UUID.fromString(attempt.recipient()))
                        : attempt.recipient();
        return new Attempt(
                DELIVERY.show(attempt.delivery()),
                attempt.channel().wire(),
                recipient,
                attempt.attempt(),
                attempt.at(),
                attempt.finishedAt(),
                attempt.outcome(),
                attempt.detail());
    }
}
