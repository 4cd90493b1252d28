package dev.quintet.chat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quintet.platform.ManualTime;
import dev.quintet.platform.bus.Bus;
import dev.quintet.platform.bus.LocalBus;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Two nodes tell each other who is there, over a bus that loses what the test wants. */
final class PresenceTest {

    private static final int MANY = 10_000;

    private final ManualTime time = new ManualTime();
    private final CountingBus bus = new CountingBus();
    private final List<Hints> hints = new ArrayList<>();
    private final Presence here = node(1);
    private final Presence there = node(2);

    @AfterEach
    void close() {
        hints.forEach(Hints::close);
        bus.close();
    }

    @Test
    void ten_thousand_people_who_stay_cost_one_hint_a_beat() {
        for (int n = 0; n < MANY; n++) {
            assertThat(here.enter(new Socket(new UUID(7, n)), 1)).isTrue();
        }
        here.sayChanges();
        assertThat(bus.hints).hasValueLessThan(60);
        assertThat(there.online(new UUID(7, 4711))).isTrue();
        bus.hints.set(0);
        for (int n = 0; n < 10; n++) {
            time.advance(Presence.BEAT);
            here.beat();
        }
        assertThat(bus.hints).hasValue(10);
        assertThat(there.online(new UUID(7, 4711))).isTrue();
    }

    @Test
    void who_comes_with_two_sockets_at_once_is_there_for_the_other_node() throws Exception {
        List<UUID> people = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
            for (int n = 0; n < 2_000; n++) {
                UUID person = new UUID(8, n);
                people.add(person);
                CyclicBarrier together = new CyclicBarrier(2);
                Callable<Boolean> enter =
                        () -> {
                            together.await();
                            return here.enter(new Socket(person), 2);
                        };
                for (Future<Boolean> entered : threads.invokeAll(List.of(enter, enter))) {
                    assertThat(entered.get()).isTrue();
                }
            }
        }
        here.sayChanges();
        assertThat(people).allMatch(there::online);
    }

    @Test
    void a_picture_that_differs_is_asked_for_and_made_whole() {
        Socket seen = new Socket(new UUID(7, 1));
        Socket unseen = new Socket(new UUID(7, 2));
        here.enter(seen, 1);
        here.sayChanges();
        bus.mute = true;
        here.enter(unseen, 1);
        here.leave(seen);
        here.sayChanges();
        bus.mute = false;
        here.beat();
        assertThat(there.online(unseen.person)).as("once may be a change on its way").isFalse();
        here.beat();
        assertThat(there.online(unseen.person)).isTrue();
        assertThat(there.online(seen.person)).isFalse();
    }

    @Test
    void a_node_that_falls_silent_has_nobody() {
        Socket socket = new Socket(new UUID(7, 1));
        here.enter(socket, 1);
        here.sayChanges();
        assertThat(there.online(socket.person)).isTrue();
        time.advance(Duration.ofSeconds(31));
        assertThat(there.online(socket.person)).isFalse();
    }

    @Test
    void the_last_sign_of_life_of_who_left_is_known_everywhere() {
        Socket socket = new Socket(new UUID(7, 1));
        here.enter(socket, 1);
        here.sayChanges();
        socket.heard = time.instant().plusSeconds(5);
        here.leave(socket);
        here.sayChanges();
        for (Presence node : List.of(here, there)) {
            assertThat(node.aliveSince(socket.person, time.instant().plusSeconds(4))).isTrue();
            assertThat(node.aliveSince(socket.person, time.instant().plusSeconds(6))).isFalse();
        }
    }

    @Test
    void one_person_has_so_many_sockets_and_no_more() {
        UUID person = new UUID(7, 1);
        Socket first = new Socket(person);
        assertThat(here.enter(first, 2)).isTrue();
        assertThat(here.enter(new Socket(person), 2)).isTrue();
        Socket third = new Socket(person);
        assertThat(here.enter(third, 2)).isFalse();
        // It was not taken in, so its end changes nothing.
        here.leave(third);
        assertThat(here.sockets(person)).hasSize(2);
        here.leave(first);
        assertThat(here.enter(third, 2)).isTrue();
    }

    private Presence node(int number) {
        Hints own = new Hints(bus);
        hints.add(own);
        Presence presence = new Presence(new UUID(0, number), own, time);
        own.listen(new Ears(presence));
        return presence;
    }

    /** Hears what concerns presence alone. */
    private record Ears(Presence presence) implements Hints.Ears {

        @Override
        public void added(UUID room, Set<UUID> persons) {}

        @Override
        public void removed(UUID room, Set<UUID> persons) {}

        @Override
        public void expelled(Set<UUID> persons) {}

        @Override
        public void online(UUID node, Set<UUID> persons) {
            presence.heardOnline(node, persons);
        }

        @Override
        public void offline(UUID node, Map<UUID, Instant> persons) {
            presence.heardOffline(node, persons);
        }

        @Override
        public void beat(UUID node, int count, long digest) {
            presence.heardBeat(node, count, digest);
        }

        @Override
        public void tell(UUID node) {
            presence.heardTell(node);
        }

        @Override
        public void all(UUID node, long telling, Set<UUID> persons) {
            presence.heardAll(node, telling, persons);
        }
    }

    private static final class Socket implements Subscriber {

        private final UUID person;
        private Instant heard = Instant.EPOCH;

        Socket(UUID person) {
            this.person = person;
        }

        @Override
        public UUID person() {
            return person;
        }

        @Override
        public UUID organisation() {
            return new UUID(1, 1);
        }

        @Override
        public Instant lastHeard() {
            return heard;
        }

        @Override
        public boolean deliver(Delivery delivery) {
            return true;
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

    private static final class CountingBus implements Bus {

        private final Bus inner = new LocalBus();
        private final AtomicInteger hints = new AtomicInteger();
        private volatile boolean mute;

        @Override
        public void publish(String topic, byte[] payload) {
            if (!mute) {
                hints.incrementAndGet();
                inner.publish(topic, payload);
            }
        }

        @Override
        public Subscription subscribe(String topic, Consumer<byte[]> listener) {
            return inner.subscribe(topic, listener);
        }

        @Override
        public void close() {
            inner.close();
        }
    }
}
