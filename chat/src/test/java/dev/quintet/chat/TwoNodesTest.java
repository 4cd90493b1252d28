package dev.quintet.chat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quintet.platform.Await;
import dev.quintet.platform.bus.Bus;
import dev.quintet.platform.sql.Database;
import dev.quintet.platform.sql.Tx;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Two nodes on one PostgreSQL: whatever is cut or lost, everybody reads the same numbers. */
final class TwoNodesTest {

    @Test
    void every_reader_sees_history_and_history_holds_each_acknowledged_message_once()
            throws Exception {
        long seed = new SecureRandom().nextInt(1_000_000);
        System.out.println("seed " + seed);
        Duration patience = Duration.ofSeconds(8);
        assertThat(new Rehearsal(seed, 100, patience, new SendingStore(), LiveRooms::new).run())
                .as("seed %d", seed)
                .isEmpty();
    }

    @Test
    void a_message_reaches_the_other_node_without_any_hint() {
        try (Stage stage = new Stage(new Silence())) {
            ChatConfig unchecked = Stage.settings(Map.of("positionCheck", "5m"));
            Stage.Node one = stage.node(unchecked);
            Stage.Node other = stage.node(unchecked);
            Stage.Person ada = stage.person();
            Stage.Person bob = stage.person();
            UUID room = stage.group(one, ada, bob);
            try (PlainSocket bobs = new PlainSocket(other.address()).connect(bob.token())) {
                for (int n = 1; n <= 20; n++) {
                    one.chat.send(ada.caller(), room, "n" + n, "text", List.of());
                }
                Await.until("all are there", () -> bobs.pushes("pub").size() == 20);
                assertThat(bobs.pushes("pub"))
                        .extracting(push -> push.path("pub").path("offset").asLong())
                        .isEqualTo(LongStream.rangeClosed(1, 20).boxed().toList());
            }
        }
    }

    @Test
    void a_client_that_gives_a_room_up_is_not_put_into_it_again() {
        try (Stage stage = new Stage(new Silence())) {
            ChatConfig often = Stage.settings(Map.of("positionCheck", "1s"));
            Stage.Node one = stage.node(often);
            Stage.Node other = stage.node(often);
            Stage.Person ada = stage.person();
            Stage.Person bob = stage.person();
            try (PlainSocket bobs = new PlainSocket(other.address()).connect(bob.token())) {
                String first = Room.channel(stage.group(one, ada, bob));
                Await.until("the first room", () -> joined(bobs).equals(List.of(first)));
                bobs.ask(2, "\"unsubscribe\":{\"channel\":\"" + first + "\"}");
                String second = Room.channel(stage.group(one, ada, bob));
                Await.until("the second room", () -> joined(bobs).contains(second));
                // The round that found the second room has looked at the first one, too.
                String third = Room.channel(stage.group(one, ada, bob));
                Await.until("the third room", () -> joined(bobs).contains(third));
                assertThat(joined(bobs)).containsExactly(first, second, third);
            }
        }
    }

    /** The channels to which the server has subscribed the client, in order. */
    private static List<String> joined(PlainSocket socket) {
        return socket.pushes("subscribe").stream()
                .map(push -> push.path("channel").asString())
                .toList();
    }

    /** Loses everything. */
    private static final class Silence implements Bus {

        @Override
        public void publish(String topic, byte[] payload) {}

        @Override
        public Subscription subscribe(String topic, Consumer<byte[]> listener) {
            return () -> {};
        }

        @Override
        public void close() {}
    }

    @Test
    void a_push_that_ignores_gaps_is_caught() throws Exception {
        assertThat(caught(new SendingStore(), IgnoresGaps::new)).isNotEmpty();
    }

    @Test
    void a_writer_without_the_rooms_lock_is_caught() throws Exception {
        assertThat(caught(new Unlocked(), LiveRooms::new)).isNotEmpty();
    }

    private static List<String> caught(SendingStore store, Chat.MakeLive live) throws Exception {
        List<String> wrong = List.of();
        for (long seed = 1; wrong.isEmpty() && seed <= 4; seed++) {
            wrong = new Rehearsal(seed, 25, Duration.ofSeconds(1), store, live).run();
        }
        return wrong;
    }

    private static final class Unlocked extends SendingStore {
        @Override
        List<Room> lock(Tx tx, UUID room) {
            return new ChatStore().room(tx, room).stream().toList();
        }

        @Override
        List<Room> lockFree(Tx tx, Collection<UUID> rooms) {
            return rooms.stream().flatMap(room -> lock(tx, room).stream()).toList();
        }
    }

    private static final class IgnoresGaps extends LiveRooms {
        IgnoresGaps(Database db, ChatStore store) {
            super(db, store);
        }

        @Override
        LiveRoom open(UUID room, long position) {
            return new LiveRoom(room, position) {
                @Override
                boolean follows(long seq, long last) {
                    return true;
                }
            };
        }
    }
}
