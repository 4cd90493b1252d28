package dev.quintet.chat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quintet.platform.Await;
import dev.quintet.platform.ManualTime;
import dev.quintet.platform.bus.LocalBus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Who missed a mention is decided by signs of life after the message, never by an open socket. */
final class MentionsTest {

    private static final Duration PING = Stage.settings().ping();
    private static final Duration DECIDED = PING.plusSeconds(11);

    private final ManualTime time = new ManualTime();
    private final Stage stage = new Stage(new LocalBus());
    private final Stage.Person ada = stage.person();
    private final Stage.Person bob = stage.person();
    private final Stage.Node node;

    MentionsTest() {
        stage.time = time;
        node = stage.node();
    }

    @AfterEach
    void close() {
        stage.close();
    }

    @Test
    void who_is_offline_misses_a_mention_at_once_and_its_sender_never() {
        UUID room = stage.group(node, ada, bob);
        node.chat.send(ada.caller(), room, "m", "look", List.of(bob.id(), ada.id()));
        Await.until("it is decided", () -> missed(room).size() == 1);
        assertThat(missed(room))
                .containsExactly(
                        new MentionMissed(
                                ada.caller().organisation(), room, 1, ada.id(), bob.id()));
        assertThat(node.chat.message(room, 1).orElseThrow().text()).isEqualTo("look");
        assertThat(waiting()).isZero();
    }

    @Test
    void who_answers_a_ping_after_the_message_has_not_missed_it() {
        UUID room = stage.group(node, ada, bob);
        try (PlainSocket bobs = new PlainSocket(node.address()).connect(bob.token())) {
            node.chat.send(ada.caller(), room, "m", "look", List.of(bob.id()));
            Await.until("it is pushed", () -> bobs.pushes("pub").size() == 1);
            time.advance(PING.plusSeconds(1));
            // The ping goes out by the clock, and its answer is the sign of life.
            Await.until(
                    "a sign of life",
                    () ->
                            node.chat.aliveSince(
                                    bob.id(), time.instant().minus(Duration.ofSeconds(1))));
            time.advance(DECIDED);
            decide();
        }
        assertThat(missed(room)).isEmpty();
        assertThat(waiting()).isZero();
    }

    @Test
    void who_read_it_and_left_has_not_missed_it() {
        UUID room = stage.group(node, ada, bob);
        try (PlainSocket bobs = new PlainSocket(node.address()).connect(bob.token())) {
            node.chat.send(ada.caller(), room, "m", "look", List.of(bob.id()));
            Await.until("it is pushed", () -> bobs.pushes("pub").size() == 1);
            time.advance(Duration.ofSeconds(3));
            assertThat(bobs.ask(7, "\"ping\":{}").has("ping")).isTrue();
        }
        Await.until("gone", () -> !node.chat.online(bob.id()));
        time.advance(DECIDED);
        decide();
        assertThat(missed(room)).isEmpty();
        assertThat(waiting()).isZero();
    }

    @Test
    void whoever_a_restart_has_cut_off_has_time_to_come_back() {
        UUID room = stage.group(node, ada, bob);
        try (PlainSocket bobs = new PlainSocket(node.address()).connect(bob.token())) {
            node.chat.send(ada.caller(), room, "m", "look", List.of(bob.id()));
            Await.until("it is pushed", () -> bobs.pushes("pub").size() == 1);
            node.close();
        }
        time.advance(DECIDED.multipliedBy(3));
        try (Stage.Node again = stage.node()) {
            decide(again);
            assertThat(missed(room)).isEmpty();
            assertThat(waiting()).isOne();
            try (PlainSocket _ = new PlainSocket(again.address()).connect(bob.token())) {
                time.advance(DECIDED);
                decide(again);
            }
            assertThat(missed(room)).isEmpty();
            assertThat(waiting()).isZero();
        }
    }

    @Test
    void a_socket_in_a_tunnel_hides_no_mention() throws Exception {
        UUID room = stage.group(node, ada, bob);
        try (StuckClient tunnel = new StuckClient(node.web.port(), bob.token())) {
            assertThat(tunnel.connected()).isTrue();
            Await.until("online", () -> node.chat.online(bob.id()));
            node.chat.send(ada.caller(), room, "m", "look", List.of(bob.id()));
            time.advance(DECIDED);
            decide();
            assertThat(missed(room)).as("nobody knows yet").isEmpty();
            assertThat(waiting()).isOne();
            // It was pinged meanwhile; the next look finds no answer and cuts it.
            Await.until(
                    "cut",
                    () -> {
                        time.advance(Duration.ofSeconds(1));
                        return !node.chat.online(bob.id());
                    });
            time.advance(DECIDED);
            decide();
        }
        assertThat(missed(room)).extracting(MentionMissed::person).containsExactly(bob.id());
        assertThat(waiting()).isZero();
    }

    @Test
    void however_many_mentions_a_batch_has_it_is_one_batch() {
        Stage.Node other = stage.node(Stage.settings(Map.of("maxMentions", "1000")));
        List<Stage.Person> members = IntStream.range(0, 700).mapToObj(n -> stage.person()).toList();
        UUID room = stage.group(other, ada, members.toArray(Stage.Person[]::new));
        List<UUID> all = members.stream().map(Stage.Person::id).toList();
        List<Pending> pending = new ArrayList<>();
        pending.add(other.chat.submit(ada.caller(), room, "all", "to all", all));
        for (int n = 0; n < 60; n++) {
            pending.add(
                    other.chat.submit(
                            ada.caller(), room, "some-" + n, "to some", all.subList(n, n + 50)));
        }
        assertThat(pending.stream().map(one -> one.sent().seq()).toList())
                .isEqualTo(IntStream.rangeClosed(1, 61).mapToObj(n -> (long) n).toList());
        Await.until("all are decided", () -> missed(room).size() == 700 + 60 * 50);
        assertThat(waiting()).isZero();
    }

    @Test
    void an_erased_person_waits_for_no_mention() throws Exception {
        UUID room = stage.group(node, ada, bob);
        try (StuckClient tunnel = new StuckClient(node.web.port(), bob.token())) {
            assertThat(tunnel.connected()).isTrue();
            Await.until("online", () -> node.chat.online(bob.id()));
            node.chat.send(ada.caller(), room, "m", "look", List.of(bob.id()));
            assertThat(waiting()).isOne();
            node.chat.erase(bob.id());
        }
        assertThat(waiting()).isZero();
    }

    private void decide() {
        decide(node);
    }

    private void decide(Stage.Node node) {
        while (node.chat.mentions().decideDue()) {
            assertThat(waiting()).isNotNegative();
        }
    }

    private List<MentionMissed> missed(UUID room) {
        return stage.events.stream()
                .filter(MentionMissed.class::isInstance)
                .map(MentionMissed.class::cast)
                .filter(event -> event.room().equals(room))
                .toList();
    }

    private int waiting() {
        return stage.database()
                .read(tx ->
                        tx.handle()
                                .createQuery("select count(*) from chat.waiting_mentions")
                                .mapTo(Integer.class)
                                .one());
    }
}
