package dev.quintet.notify;

import dev.quintet.platform.IdKind;
import dev.quintet.platform.Ids;
import dev.quintet.platform.PlatformRefusal;
import dev.quintet.platform.Refused;
import dev.quintet.platform.people.EmailAddress;
import dev.quintet.platform.people.People;
import dev.quintet.platform.sql.Database;
import dev.quintet.platform.sql.Tx;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Turns an accepted notification into rows: an inbox entry at once, a delivery for every other
 * channel of every recipient. One transaction per page, so that a crash in between expands it again
 * from nothing; where a page fails, each goes alone, so that the one that cannot be expanded holds
 * up no other.
 */
final class Expansion {

    private static final Logger log = LoggerFactory.getLogger(Expansion.class);

    // A transaction keeps the inbox heads of its people; those of other lanes wait so long for it.
    private static final int RECIPIENTS_AT_ONCE = Draft.MAX_RECIPIENTS;

    private final Database db;
    private final QueueStore store = new QueueStore();
    private final People people;
    private final Inbox inbox;
    private final Ids ids;
    private final Backoff backoff;
    private final RandomGenerator random;

    /**
     * @param backoff when one that failed is tried again, and after how often it is given up
     */
    Expansion(
            Database db,
            People people,
            Inbox inbox,
            Ids ids,
            Backoff backoff,
            RandomGenerator random) {
        this.db = db;
        this.people = people;
        this.inbox = inbox;
        this.ids = ids;
        this.backoff = backoff;
        this.random = random;
    }

    /** Expands what is due in a lane and returns how many notifications that were. */
    int expand(Priority priority, int limit) {
        try {
            return db.tx(tx -> {
                int page = store.duePage(tx, priority, limit, RECIPIENTS_AT_ONCE);
                return page == 0 ? 0 : expand(tx, store.dueNotifications(tx, priority, page));
            });
        } catch (RuntimeException broken) {
            requireDatabase(broken);
            log.debug("a page of the {} lane failed; each goes alone", priority.wire(), broken);
            List<UUID> due = db.read(tx -> store.dueIds(tx, priority, limit));
            due.forEach(this::expandAlone);
            return due.size();
        }
    }

    private void expandAlone(UUID id) {
        try {
            db.tx(tx -> expand(tx, store.dueNotification(tx, id)));
        } catch (RuntimeException broken) {
            requireDatabase(broken);
            int failed = db.tx(tx -> count(tx, id, broken.getClass().getSimpleName()));
            log.atLevel(backoff.exhausted(failed) ? Level.ERROR : Level.WARN)
                    .setCause(broken)
                    .log(
                            "notification {} could not be expanded, {} of {} attempts",
                            Notify.NOTIFICATION.show(id),
                            failed,
                            backoff.steps().size() + 1);
        }
    }

    /** A busy or absent database says nothing of a notification: nothing is counted then. */
    private static void requireDatabase(RuntimeException broken) {
        if (broken instanceof Refused refused && refused.refusal() instanceof PlatformRefusal) {
            throw refused;
        }
    }

    private int count(Tx tx, UUID id, String what) {
        Optional<Integer> failed = store.countFailedExpansion(tx, id);
        failed.ifPresent(attempt -> {
            if (backoff.exhausted(attempt)) {
                store.giveUp(
                        tx,
                        id,
                        "gave up after " + attempt + " attempts: internal failure: " + what);
            } else {
                store.hold(tx, id, backoff.after(attempt, Optional.empty(), random));
            }
        });
        return failed.orElse(0);
    }

    private int expand(Tx tx, List<QueueStore.Accepted> due) {
        List<QueueStore.NewDelivery> deliveries = new ArrayList<>();
        List<InboxStore.NewEntry> entries = new ArrayList<>();
        Map<UUID, Optional<String>> mail = mailOf(tx, due);
        for (QueueStore.Accepted notification : due) {
            expand(notification, mail, deliveries, entries);
        }
        if (!due.isEmpty()) {
            store.insertDeliveries(tx, deliveries);
            inbox.add(tx, entries);
            store.markExpanded(tx, due.stream().map(QueueStore.Accepted::id).toList());
        }
        return due.size();
    }

    private void expand(
            QueueStore.Accepted notification,
            Map<UUID, Optional<String>> mail,
            List<QueueStore.NewDelivery> deliveries,
            List<InboxStore.NewEntry> entries) {
        // Somebody named twice, by id and by address however written, gets it once per address.
        Set<String> seen = new HashSet<>();
        for (Recipient recipient : notification.to()) {
            for (Way way : ways(notification, recipient, mail)) {
                if (!seen.add(way.key())) {
                    continue;
                }
                UUID id = ids.next();
                deliveries.add(
                        new QueueStore.NewDelivery(
                                id,
                                notification,
                                way.person(),
                                way.kind(),
                                way.address(),
                                way.skipped()));
                if (way.kind() == ChannelKind.INAPP && way.skipped().isEmpty()) {
                    entries.add(
                            new InboxStore.NewEntry(id, way.person().orElseThrow(), notification));
                }
            }
        }
    }

    private record Way(
            ChannelKind kind, String address, Optional<UUID> person, Optional<String> skipped) {

        /** The same for the same mailbox. */
        String key() {
            Optional<String> mailbox =
                    kind == ChannelKind.EMAIL
                            ? EmailAddress.of(address).map(EmailAddress::key)
                            : Optional.empty();
            return kind + " " + mailbox.orElse(address);
        }
    }

    private static List<Way> ways(
            QueueStore.Accepted notification,
            Recipient recipient,
            Map<UUID, Optional<String>> mail) {
        Set<ChannelKind> wanted = notification.channels();
        return switch (recipient) {
            case Recipient.User(UUID person) -> {
                List<Way> ways = new ArrayList<>();
                Optional<String> address = mail.getOrDefault(person, Optional.empty());
                if (wanted.isEmpty() || wanted.contains(ChannelKind.INAPP)) {
                    ways.add(
                            new Way(
                                    ChannelKind.INAPP,
                                    IdKind.PERSON.show(person),
                                    Optional.of(person),
                                    Optional.empty()));
                }
                if (wanted.isEmpty() || wanted.contains(ChannelKind.EMAIL)) {
                    Optional<String> without =
                            address.isPresent()
                                    ? Optional.empty()
                                    : Optional.of("the person has no mail address");
                    ways.add(
                            new Way(
                                    ChannelKind.EMAIL,
                                    address.orElse(IdKind.PERSON.show(person)),
                                    Optional.of(person),
                                    without));
                }
                yield ways;
            }
            case Recipient.Email(String address) ->
                    List.of(direct(ChannelKind.EMAIL, address, wanted));
            case Recipient.Webhook(UUID endpoint) ->
                    List.of(direct(ChannelKind.WEBHOOK, endpoint.toString(), wanted));
        };
    }

    private static Way direct(ChannelKind kind, String address, Set<ChannelKind> wanted) {
        boolean taken = wanted.isEmpty() || wanted.contains(kind);
        return new Way(
                kind,
                address,
                Optional.empty(),
                taken ? Optional.empty() : Optional.of("'channels' leaves out " + kind.wire()));
    }

    private Map<UUID, Optional<String>> mailOf(Tx tx, Collection<QueueStore.Accepted> due) {
        Set<UUID> named =
                due.stream()
                        .flatMap(notification -> notification.to().stream())
                        .flatMap(recipient ->
                                recipient instanceof Recipient.User(UUID person)
                                        ? java.util.stream.Stream.of(person)
                                        : java.util.stream.Stream.empty())
                        .collect(Collectors.toCollection(TreeSet::new));
        return named.isEmpty() ? Map.of() : people.mailOf(tx, named);
    }
}
