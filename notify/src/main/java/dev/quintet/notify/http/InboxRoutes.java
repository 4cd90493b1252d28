package dev.quintet.notify.http;

import static dev.quintet.notify.NotifyRefusal.BAD_CURSOR;
import static dev.quintet.notify.NotifyRefusal.NOT_A_PERSON;
import static dev.quintet.platform.http.Route.get;
import static dev.quintet.platform.http.Route.post;
import static dev.quintet.platform.sql.SqlRefusal.IDEMPOTENCY_KEY_REUSED;

import dev.quintet.notify.Inbox;
import dev.quintet.notify.Notify;
import dev.quintet.platform.IdKind;
import dev.quintet.platform.caller.Scope;
import dev.quintet.platform.http.EventStream;
import dev.quintet.platform.http.HttpRefusal;
import dev.quintet.platform.http.Idempotency;
import dev.quintet.platform.http.Json;
import dev.quintet.platform.http.Request;
import dev.quintet.platform.http.Response;
import dev.quintet.platform.http.Routes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** A person's own inbox: {@code /api/v1/inbox}, read in pages and live by server-sent events. */
public final class InboxRoutes {

    private static final IdKind ENTRY = new IdKind("ent", "inbox entry");
    private static final Duration HEARTBEAT = Duration.ofSeconds(15);
    private static final int STREAM_PAGE = 100;

    private final Inbox inbox;
    private final Idempotency idempotency;

    public InboxRoutes(Inbox inbox, Idempotency idempotency) {
        this.inbox = inbox;
        this.idempotency = idempotency;
    }

    public Routes routes() {
        return Routes.of(
                "notify",
                get("/api/v1/inbox")
                        .scope(Scope.INBOX_READ)
                        .says("The person's inbox, newest first.")
                        .query("limit", "1 to 200, 50 when left out")
                        .query("after", "'next' of the page before")
                        .gives(200, Page.class)
                        .refuses(NOT_A_PERSON, BAD_CURSOR)
                        .by(this::page),
                post("/api/v1/inbox/read")
                        .scope(Scope.INBOX_READ)
                        .says("Marks all entries up to a position as read.")
                        .takes(Read.class)
                        .gives(200, Unread.class)
                        .refuses(NOT_A_PERSON, IDEMPOTENCY_KEY_REUSED)
                        .by(this::read),
                get("/api/v1/inbox/stream")
                        .scope(Scope.INBOX_READ)
                        .says(
                                "New entries as server-sent events; Last-Event-ID continues after that position.")
                        .gives(200)
                        .refuses(NOT_A_PERSON, BAD_CURSOR)
                        .by(this::stream));
    }

    record Entry(
            String id,
            long position,
            String notification,
            Optional<String> category,
            String title,
            String body,
            Instant at,
            Optional<Instant> readAt) {}

    record Page(List<Entry> items, Optional<String> next, long unread) {}

    record Read(long upTo) {

        Read {
            if (upTo < 0) {
                throw HttpRefusal.INVALID_FIELD
                        .because("upTo", "positions begin at 1, and " + upTo + " is below 0")
                        .with("field", "upTo");
            }
        }
    }

    record Unread(long unread) {}

    private Response page(Request request) {
        UUID person = person(request);
        UUID organisation = request.caller().organisation();
        int limit = request.query("limit", 1, 200, 50);
        List<Inbox.Entry> entries =
                inbox.before(organisation, person, position(request.query("after")), limit);
        Optional<String> next =
                entries.size() < limit
                        ? Optional.empty()
                        : Optional.of(Long.toString(entries.getLast().position()));
        return Response.json(
                new Page(
                        entries.stream().map(InboxRoutes::wire).toList(),
                        next,
                        inbox.unread(organisation, person)));
    }

    private Response read(Request request) {
        long upTo = request.json(Read.class).upTo();
        UUID person = person(request);
        return idempotency.answer(
                request,
                200,
                tx -> new Unread(inbox.read(tx, request.caller().organisation(), person, upTo)));
    }

    private Response stream(Request request) {
        UUID person = person(request);
        UUID organisation = request.caller().organisation();
        Optional<Long> last =
                request.header("Last-Event-ID").map(text -> position(Optional.of(text)));
        return Response.events(events -> {
            // Listening starts before the position is read, so that nothing falls in between.
            Semaphore signal = inbox.listen(person);
            try {
                long from = last.orElseGet(() -> newest(organisation, person));
                follow(events, organisation, person, from, signal);
            } finally {
                inbox.leave(person, signal);
            }
        });
    }

    private long newest(UUID organisation, UUID person) {
        return inbox.before(organisation, person, 0, 1).stream()
                .mapToLong(Inbox.Entry::position)
                .findFirst()
                .orElse(0);
    }

    private void follow(
            EventStream events, UUID organisation, UUID person, long from, Semaphore signal)
            throws IOException {
        long at = from;
        events.whenEnding(signal::release);
        events.comment("connected");
        while (events.isOpen()) {
            List<Inbox.Entry> news = inbox.after(organisation, person, at, STREAM_PAGE);
            for (Inbox.Entry entry : news) {
                events.event(
                        Long.toString(entry.position()),
                        "entry",
                        new String(Json.write(wire(entry)), StandardCharsets.UTF_8));
                at = entry.position();
            }
            if (news.isEmpty() && !waitFor(signal)) {
                events.comment("still here");
            }
        }
    }

    private static boolean waitFor(Semaphore signal) {
        try {
            boolean told = signal.tryAcquire(HEARTBEAT.toMillis(), TimeUnit.MILLISECONDS);
            signal.drainPermits();
            return told;
        } catch (InterruptedException e) {
            throw new IllegalStateException("interrupted", e);
        }
    }

    private static UUID person(Request request) {
        return request.caller().person().orElseThrow(NOT_A_PERSON::because);
    }

    private static long position(Optional<String> text) {
        try {
            return text.map(Long::parseLong).orElse(0L);
        } catch (NumberFormatException notOurs) {
            throw BAD_CURSOR.because();
        }
    }

    private static Entry wire(Inbox.Entry entry) {
        return new Entry(
                ENTRY.show(entry.id()),
                entry.position(),
                Notify.NOTIFICATION.show(entry.notification()),
                entry.category(),
                entry.title(),
                entry.body(),
                entry.at(),
                entry.readAt());
    }
}
