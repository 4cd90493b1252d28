package dev.quintet.chat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quintet.platform.sql.Database;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** Somebody takes a seat while the room goes on: what is sent between its read and its seat. */
final class JoinTest {

    @Test
    void what_is_sent_while_a_newcomer_reads_reaches_it_once_and_in_order() {
        assertThat(heardByANewcomer(Interrupted::new)).containsExactly(1L, 2L, 3L, 4L, 5L);
    }

    @Test
    void a_seat_that_forgets_what_came_while_it_read_is_caught() {
        assertThat(heardByANewcomer(JoinsBlindly::new)).containsExactly(1L, 2L, 3L, 5L);
    }

    /** Three messages are read, a fourth is sent during that read, a fifth to the taken seat. */
    private static List<Long> heardByANewcomer(Chat.MakeLive make) {
        try (Stage stage = new Stage()) {
            AtomicReference<Interrupted> made = new AtomicReference<>();
            Stage.Node node =
                    stage.node(
                            Stage.settings(),
                            new SendingStore(),
                            (db, store) -> {
                                made.set((Interrupted) make.make(db, store));
                                return made.get();
                            });
            Interrupted live = made.get();
            Stage.Person ada = stage.person();
            UUID room = stage.group(node, ada);
            live.join(new Ear(ada), List.of(new Chat.Position(room, 0)));
            for (int number = 1; number <= 3; number++) {
                node.chat.send(ada.caller(), room, "m" + number, "before", List.of());
            }
            Ear newcomer = new Ear(ada);
            live.duringTheNextRead(
                    () -> node.chat.send(ada.caller(), room, "m4", "meanwhile", List.of()));
            live.join(newcomer, List.of(new Chat.Position(room, 0)));
            node.chat.send(ada.caller(), room, "m5", "after", List.of());
            return newcomer.heard;
        }
    }

    private static class Interrupted extends LiveRooms {
        private final AtomicReference<Runnable> interruption = new AtomicReference<>(() -> {});

        Interrupted(Database db, ChatStore store) {
            super(db, store);
        }

        void duringTheNextRead(Runnable happens) {
            interruption.set(happens);
        }

        @Override
        List<Message> page(UUID room, long after) {
            List<Message> read = super.page(room, after);
            interruption.getAndSet(() -> {}).run();
            return read;
        }
    }

    private static final class JoinsBlindly extends Interrupted {
        JoinsBlindly(Database db, ChatStore store) {
            super(db, store);
        }

        @Override
        LiveRoom open(UUID room, long position) {
            return new LiveRoom(room, position) {
                @Override
                boolean finishJoin(Subscriber subscriber, long position) {
                    return super.finishJoin(subscriber, Math.max(position, lastPushed()));
                }
            };
        }
    }

    /** A socket that writes down the numbers it is given. */
    private static final class Ear implements Subscriber {

        @Override
        public Instant lastHeard() {
            return Instant.EPOCH;
        }

        private final List<Long> heard = new ArrayList<>();
        private final Stage.Person person;

        Ear(Stage.Person person) {
            this.person = person;
        }

        @Override
        public UUID person() {
            return person.id();
        }

        @Override
        public UUID organisation() {
            return person.caller().organisation();
        }

        @Override
        public boolean deliver(Delivery delivery) {
            return heard.add(delivery.message().seq());
        }

        @Override
        public boolean ready() {
            return true;
        }

        @Override
        public void added(UUID room) {}

        @Override
        public void removed(UUID room) {}

        @Override
        public void expelled() {}
    }
}
