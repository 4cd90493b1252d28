package dev.quintet.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import dev.quintet.platform.Refused;
import dev.quintet.platform.sql.Tx;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Many rooms share a commit; none of them suffers from another. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class RoomWritersTest {

    private static final int ROOMS = 50;

    private final AtomicInteger mostRooms = new AtomicInteger();
    private Stage stage;
    private Stage.Node node;
    private Stage.Person ada;

    /** A database that cannot take one of the texts. */
    private final class Choking extends SendingStore {
        @Override
        void insert(Tx tx, List<Numbered> batch) {
            int rooms = (int) batch.stream().map(one -> one.message().room()).distinct().count();
            mostRooms.accumulateAndGet(rooms, Math::max);
            if (batch.stream().anyMatch(one -> one.message().text().equals("poison"))) {
                throw new IllegalStateException("the text cannot be stored");
            }
            super.insert(tx, batch);
        }
    }

    @BeforeAll
    void open() {
        stage = new Stage();
        node = stage.node(Stage.settings(), new Choking(), LiveRooms::new);
        ada = stage.person();
    }

    @AfterAll
    void close() {
        stage.close();
    }

    @Test
    void rooms_share_a_commit_and_one_that_cannot_be_stored_spoils_no_other() {
        List<UUID> rooms = rooms();
        List<Pending> pending = new ArrayList<>();
        for (int turn = 0; turn < 4; turn++) {
            for (UUID room : rooms) {
                pending.add(send(room, "m" + turn, "text"));
            }
        }
        Pending poison = send(rooms.getFirst(), "bad", "poison");
        Pending behind = send(rooms.getFirst(), "good", "text");

        pending.forEach(one -> assertThat(one.sent().seq()).isBetween(1L, 4L));
        assertThatThrownBy(poison::sent).hasMessageContaining("cannot be stored");
        assertThat(behind.sent().seq()).isEqualTo(5);
        for (UUID room : rooms.subList(1, ROOMS)) {
            assertThat(stage.stored(room)).extracting(Message::seq).containsExactly(1L, 2L, 3L, 4L);
        }
        assertThat(mostRooms.get()).as("rooms in one commit").isGreaterThan(1);
    }

    @Test
    void rooms_that_somebody_holds_delay_no_other() {
        List<UUID> rooms = rooms();
        UUID free = stage.group(node, ada);
        List<Pending> held = new ArrayList<>();
        stage.database()
                .run(tx -> {
                    rooms.forEach(room -> new ChatStore().lockRoom(tx, room));
                    rooms.subList(0, 10).forEach(room -> held.add(send(room, "held", "text")));
                    Pending passing = send(free, "free", "text");
                    assertThat(passing.sent().seq()).isEqualTo(1);
                    assertThat(stage.stored(rooms.getFirst())).isEmpty();
                });
        held.forEach(one -> assertThat(one.sent().seq()).isEqualTo(1));
    }

    @Test
    void a_room_that_does_not_exist_is_refused_beside_one_that_does() {
        UUID room = stage.group(node, ada);
        Pending nowhere = send(new UUID(7, 7), "a", "text");
        Pending here = send(room, "a", "text");
        assertThat(here.sent().seq()).isEqualTo(1);
        assertThatThrownBy(nowhere::sent)
                .asInstanceOf(type(Refused.class))
                .extracting(Refused::refusal)
                .isEqualTo(ChatRefusal.ROOM_UNKNOWN);
    }

    private List<UUID> rooms() {
        return IntStream.range(0, ROOMS).mapToObj(n -> stage.group(node, ada)).toList();
    }

    private Pending send(UUID room, String clientId, String text) {
        return node.chat.submit(ada.caller(), room, clientId, text, List.of());
    }
}
