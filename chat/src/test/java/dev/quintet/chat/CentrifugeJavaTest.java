package dev.quintet.chat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quintet.platform.Await;
import io.github.centrifugal.centrifuge.HistoryOptions;
import io.github.centrifugal.centrifuge.PublicationEvent;
import io.github.centrifugal.centrifuge.StreamPosition;
import io.github.centrifugal.centrifuge.SubscribedEvent;
import io.github.centrifugal.centrifuge.Subscription;
import io.github.centrifugal.centrifuge.SubscriptionEventListener;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** The stock client of the protocol's makers, over Protobuf, unmodified. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class CentrifugeJavaTest {

    private Stage stage;
    private Stage.Node node;

    @BeforeAll
    void open() {
        stage = new Stage();
        node = stage.node();
    }

    @AfterAll
    void close() {
        stage.close();
    }

    private StockClient client(Stage.Person person) {
        return new StockClient(node.address(), person.token());
    }

    @Test
    void a_message_sent_by_rpc_reaches_all_members_the_sender_too() {
        Stage.Person ada = stage.person();
        Stage.Person bob = stage.person();
        UUID room = stage.group(node, ada, bob);
        try (StockClient adas = client(ada).connect();
                StockClient bobs = client(bob).connect()) {
            assertThat(adas.send(room, "one", "hello").path("seq").asInt()).isEqualTo(1);
            for (StockClient one : List.of(adas, bobs)) {
                Await.until("the message came", () -> !one.got.isEmpty());
                assertThat(one.got.getFirst().data().path("text").asString()).isEqualTo("hello");
                assertThat(one.got.getFirst().data().path("sender").asString())
                        .isEqualTo(ada.shown());
                assertThat(one.got.getFirst().data().path("type").asString()).isEqualTo("message");
            }
        }
    }

    @Test
    void a_room_opened_over_rpc_is_live_at_once_for_its_members() {
        Stage.Person ada = stage.person();
        Stage.Person bob = stage.person();
        try (StockClient adas = client(ada).connect();
                StockClient bobs = client(bob).connect()) {
            String shown =
                    adas.rpc(
                                    "room.create",
                                    """
                                    {"kind":"group","name":"tea","members":["%s"]}
                                    """
                                            .formatted(bob.shown()))
                            .path("id")
                            .asString();
            UUID room = Room.ID.parse(shown);
            for (int number = 1; number <= 5; number++) {
                adas.send(room, "m" + number, "text " + number);
            }
            Await.until("all came", () -> bobs.offsets(room).size() == 5);
            assertThat(bobs.offsets(room)).containsExactly(1L, 2L, 3L, 4L, 5L);
            assertThat(bobs.subscribed)
                    .extracting(event -> event.getChannel())
                    .contains("room:" + shown);
        }
    }

    @Test
    void what_was_sent_while_the_socket_was_cut_is_recovered_exactly_once() {
        Stage.Person ada = stage.person();
        Stage.Person bob = stage.person();
        UUID room = stage.group(node, ada, bob);
        try (Line line = new Line(node.web.port());
                StockClient bobs = new StockClient(line.address(), bob.token()).connect()) {
            send(ada, room, 1, 3);
            Await.until("live", () -> bobs.offsets(room).size() == 3);
            line.cut();
            send(ada, room, 4, 10);
            line.mend();
            Await.until("recovered", () -> bobs.offsets(room).size() >= 10);
            send(ada, room, 11, 12);
            Await.until("live again", () -> bobs.offsets(room).size() >= 12);
            assertThat(bobs.offsets(room))
                    .containsExactlyElementsOf(LongStream.rangeClosed(1, 12).boxed().toList());
            assertThat(bobs.subscribed.getLast().getRecovered()).isTrue();
            assertThat(bobs.subscribed.getLast().wasRecovering()).isTrue();
        }
    }

    @Test
    void far_more_than_one_page_is_recovered_too() {
        Stage.Person ada = stage.person();
        Stage.Person bob = stage.person();
        UUID room = stage.group(node, ada, bob);
        try (Line line = new Line(node.web.port());
                StockClient bobs = new StockClient(line.address(), bob.token()).connect()) {
            send(ada, room, 1, 1);
            Await.until("live", () -> bobs.offsets(room).size() == 1);
            line.cut();
            send(ada, room, 2, 1700);
            line.mend();
            Await.until("recovered", () -> bobs.offsets(room).size() >= 1700);
            assertThat(bobs.offsets(room))
                    .containsExactlyElementsOf(LongStream.rangeClosed(1, 1700).boxed().toList());
        }
    }

    @Test
    void the_clients_own_subscription_works_beside_the_servers_and_recovers_in_order() {
        Stage.Person ada = stage.person();
        Stage.Person bob = stage.person();
        UUID room = stage.group(node, ada, bob);
        List<Long> offsets = new CopyOnWriteArrayList<>();
        List<SubscribedEvent> subscribed = new CopyOnWriteArrayList<>();
        try (Line line = new Line(node.web.port());
                StockClient bobs = new StockClient(line.address(), bob.token()).connect()) {
            Subscription own = own(bobs, room, offsets, subscribed);
            own.subscribe();
            Await.until("subscribed", () -> subscribed.size() == 1);
            send(ada, room, 1, 5);
            Await.until("live", () -> offsets.size() == 5);
            line.cut();
            send(ada, room, 6, 9);
            line.mend();
            send(ada, room, 10, 40);
            Await.until("recovered", () -> offsets.size() >= 40);
            assertThat(offsets)
                    .containsExactlyElementsOf(LongStream.rangeClosed(1, 40).boxed().toList());
            assertThat(subscribed.getLast().getRecovered()).isTrue();
        }
    }

    private static Subscription own(
            StockClient client, UUID room, List<Long> offsets, List<SubscribedEvent> subscribed) {
        try {
            return client.client.newSubscription(
                    Room.channel(room),
                    new SubscriptionEventListener() {
                        @Override
                        public void onPublication(Subscription sub, PublicationEvent event) {
                            offsets.add(event.getOffset());
                        }

                        @Override
                        public void onSubscribed(Subscription sub, SubscribedEvent event) {
                            subscribed.add(event);
                        }
                    });
        } catch (io.github.centrifugal.centrifuge.DuplicateSubscriptionException twice) {
            throw new AssertionError(twice);
        }
    }

    @Test
    void history_is_read_in_both_directions_from_a_position() {
        Stage.Person ada = stage.person();
        UUID room = stage.group(node, ada);
        send(ada, room, 1, 10);
        try (StockClient adas = client(ada).connect()) {
            var head = adas.history(room, new HistoryOptions.Builder().withLimit(0).build());
            assertThat(head.getOffset()).isEqualTo(10);
            assertThat(head.getPublications()).isEmpty();
            var since = new StreamPosition(4, head.getEpoch());
            var forward =
                    adas.history(
                            room,
                            new HistoryOptions.Builder().withLimit(3).withSince(since).build());
            assertThat(forward.getPublications())
                    .extracting(one -> one.getOffset())
                    .containsExactly(5L, 6L, 7L);
            var backward =
                    adas.history(
                            room,
                            new HistoryOptions.Builder()
                                    .withLimit(2)
                                    .withSince(since)
                                    .withReverse(true)
                                    .build());
            assertThat(backward.getPublications())
                    .extracting(one -> one.getOffset())
                    .containsExactly(3L, 2L);
        }
    }

    private void send(Stage.Person sender, UUID room, int from, int to) {
        List<Pending> waiting = new java.util.ArrayList<>();
        for (int number = from; number <= to; number++) {
            waiting.add(
                    node.chat.submit(
                            sender.caller(), room, "n" + number, "text " + number, List.of()));
        }
        waiting.forEach(Pending::sent);
    }
}
