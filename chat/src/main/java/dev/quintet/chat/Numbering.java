package dev.quintet.chat;

import dev.quintet.chat.SendingStore.Numbered;
import dev.quintet.chat.SendingStore.Once;
import dev.quintet.chat.SendingStore.Stored;
import dev.quintet.platform.Ids;
import dev.quintet.platform.Refused;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;

/** Gives the drafts of one locked room their numbers, behind its last one. One transaction long. */
final class Numbering {

    private final Room room;
    private final List<Pending> drafts;
    private final Map<Pending, Outcome> outcomes = new LinkedHashMap<>();
    private final List<Numbered> numbered = new ArrayList<>();

    Numbering(Room room, List<Pending> drafts) {
        this.room = room;
        this.drafts = drafts;
    }

    Room room() {
        return room;
    }

    /** Whose membership decides. */
    Stream<ChatStore.Membership> people() {
        return drafts.stream()
                .map(Pending::draft)
                .flatMap(draft ->
                        Stream.concat(Stream.of(draft.sender()), draft.mentions().stream()))
                .map(person -> new ChatStore.Membership(room.id(), person));
    }

    Stream<Once> asked() {
        return drafts.stream().map(Pending::once);
    }

    /**
     * Judges every draft, in order.
     *
     * @param sent what is stored already; what is new is added, for the same draft twice in a batch
     */
    void run(Set<UUID> members, Map<Once, Stored> sent, Ids ids, Instant now) {
        for (Pending pending : drafts) {
            outcomes.put(
                    pending,
                    refusal(pending, members)
                            .<Outcome>map(Outcome.Rejected::new)
                            .orElseGet(() -> once(pending, sent, ids, now)));
        }
    }

    private Outcome once(Pending pending, Map<Once, Stored> sent, Ids ids, Instant now) {
        Draft draft = pending.draft();
        Stored stored =
                sent.computeIfAbsent(
                        pending.once(),
                        _ ->
                                new Stored(
                                        number(draft, ids, now),
                                        draft.text(),
                                        Set.copyOf(draft.mentions())));
        return stored.isRepeatedBy(draft)
                ? new Outcome.Stored(stored.sent())
                : new Outcome.Rejected(
                        ChatRefusal.CLIENT_ID_REUSED.because(
                                draft.clientId(), stored.sent().seq()));
    }

    private Optional<Refused> refusal(Pending pending, Set<UUID> members) {
        return pending.organisation().equals(room.organisation())
                ? pending.refusal(members)
                : Optional.of(ChatRefusal.ROOM_UNKNOWN.because(Room.ID.show(room.id())));
    }

    private Sent number(Draft draft, Ids ids, Instant now) {
        Sent next = new Sent(room.lastSeq() + numbered.size() + 1, ids.next());
        Message message =
                new Message(
                        room.id(),
                        next.seq(),
                        next.id(),
                        Optional.of(draft.sender()),
                        draft.text(),
                        draft.mentions(),
                        now);
        numbered.add(new Numbered(room.organisation(), message, draft.clientId()));
        return next;
    }

    /** What is new. */
    List<Numbered> numbered() {
        return numbered;
    }

    List<Message> messages() {
        return numbered.stream().map(Numbered::message).toList();
    }

    /** Answers every sender. */
    void answer() {
        outcomes.forEach(Pending::done);
    }
}
