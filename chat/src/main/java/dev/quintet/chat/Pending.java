package dev.quintet.chat;

import dev.quintet.platform.IdKind;
import dev.quintet.platform.Refused;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/** A draft that waits for its number; its sender waits on {@link #sent}. */
public final class Pending {

    private final UUID organisation;
    private final UUID room;
    private final Draft draft;
    private final CountDownLatch done = new CountDownLatch(1);
    private volatile @Nullable Outcome outcome;

    Pending(UUID organisation, UUID room, Draft draft) {
        this.organisation = organisation;
        this.room = room;
        this.draft = draft;
    }

    UUID organisation() {
        return organisation;
    }

    Draft draft() {
        return draft;
    }

    SendingStore.Once once() {
        return new SendingStore.Once(room, draft.sender(), draft.clientId());
    }

    /** Why the draft may not be stored, given who of its people are members. */
    Optional<Refused> refusal(Set<UUID> members) {
        if (!members.contains(draft.sender())) {
            return Optional.of(ChatRefusal.NOT_A_MEMBER.because(Room.ID.show(room)));
        }
        return draft.mentions().stream()
                .filter(person -> !members.contains(person))
                .findFirst()
                .map(person ->
                        ChatRefusal.MENTION_NOT_A_MEMBER.because(IdKind.PERSON.show(person)));
    }

    void done(Outcome result) {
        outcome = result;
        done.countDown();
    }

    /** Waits until the message is durable, or says why it is not. */
    public Sent sent() {
        try {
            done.await();
        } catch (InterruptedException nobodyInterrupts) {
            throw new IllegalStateException("interrupted while sending", nobodyInterrupts);
        }
        return switch (outcome) {
            case Outcome.Stored(Sent sent) -> sent;
            case Outcome.Rejected(Refused why) -> throw why;
            case Outcome.Unknown(RuntimeException failure) -> throw failure;
            case null -> throw new IllegalStateException("done without an outcome");
        };
    }
}
