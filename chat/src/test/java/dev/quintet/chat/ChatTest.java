package dev.quintet.chat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quintet.platform.Await;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Who is told of a mention, and what is left of an erased person. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class ChatTest {

    private Stage stage;
    private Stage.Node one;
    private Stage.Node other;

    @BeforeAll
    void open() {
        stage = new Stage();
        one = stage.node();
        other = stage.node();
    }

    @AfterAll
    void close() {
        stage.close();
    }

    @Test
    void an_erased_person_leaves_numbered_tombstones_and_no_socket() {
        Stage.Person ada = stage.person();
        Stage.Person bob = stage.person();
        UUID room = stage.group(one, ada, bob);
        one.chat.send(ada.caller(), room, "a", "hello", List.of(bob.id()));
        one.chat.send(bob.caller(), room, "b", "secret of Bob", List.of());
        one.chat.send(ada.caller(), room, "c", "bye", List.of());
        try (PlainSocket bobs = new PlainSocket(other.address()).connect(bob.token())) {
            one.chat.erase(bob.id());
            assertThat(bobs.code()).isEqualTo(3500);
        }
        List<Message> left = stage.stored(room);
        assertThat(left).extracting(Message::seq).containsExactly(1L, 2L, 3L);
        assertThat(left.get(1).erased()).isTrue();
        assertThat(left.get(1).text()).isEmpty();
        assertThat(left.getFirst().mentions()).isEmpty();
        assertThat(ShownMessage.of(left.get(1)).type()).isEqualTo("erased");
        assertThat(one.chat.recent(bob.caller(), java.util.Set.of())).isEmpty();
    }

    @Test
    void a_socket_that_does_not_read_is_cut_and_the_others_go_on() throws Exception {
        Stage.Person ada = stage.person();
        Stage.Person slow = stage.person();
        UUID room = stage.group(one, ada, slow);
        String text = "x".repeat(8000);
        try (StuckClient stuck = new StuckClient(one.web.port(), slow.token());
                StockClient adas = new StockClient(one.address(), ada.token()).connect()) {
            Await.until("online", () -> one.chat.online(slow.id()));
            int sent = 0;
            while (one.chat.online(slow.id()) && sent < 3000) {
                sent++;
                one.chat.send(ada.caller(), room, "n" + sent, text, List.of());
            }
            assertThat(one.chat.online(slow.id())).as("cut after %d", sent).isFalse();
            assertThat(one.sockets.cutAsSlow()).isEqualTo(1);
            long last = sent;
            Await.until("the other has all", () -> adas.offsets(room).contains(last));
            assertThat(stuck.connected()).isTrue();
        }
    }
}
