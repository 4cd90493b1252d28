package dev.quintet.platform.bus;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quintet.platform.Await;
import dev.quintet.platform.CutCable;
import dev.quintet.platform.sql.DatabaseUrl;
import dev.quintet.platform.sql.TestDatabase;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class PostgresBusTest {

    private TestDatabase test;
    private PostgresBus here;
    private PostgresBus there;
    private final List<String> heardHere = new CopyOnWriteArrayList<>();
    private final List<String> heardThere = new CopyOnWriteArrayList<>();

    @BeforeEach
    void open() {
        test = TestDatabase.create();
        here = new PostgresBus(test.url(), new UUID(0, 1));
        there = new PostgresBus(test.url(), new UUID(0, 2));
        here.subscribe("room", hint -> heardHere.add(new String(hint, UTF_8)));
        there.subscribe("room", hint -> heardThere.add(new String(hint, UTF_8)));
        // Lossy by contract: what is said before the other node listens is not heard.
        Await.until(
                "the other node listens",
                () -> {
                    here.publish("room", "hello".getBytes(UTF_8));
                    return !heardThere.isEmpty();
                });
        heardHere.clear();
    }

    @AfterEach
    void close() {
        here.close();
        there.close();
        test.close();
    }

    @Test
    void a_hint_is_heard_once_here_and_on_the_other_node() {
        here.publish("room", "news".getBytes(UTF_8));
        assertThat(heardHere).containsExactly("news");
        Await.until("heard there", () -> heardThere.contains("news"));
        there.publish("room", "answer".getBytes(UTF_8));
        Await.until("heard here", () -> heardHere.contains("answer"));
        assertThat(heardHere).containsExactly("news", "answer");
    }

    @Test
    void a_closed_subscription_hears_nothing_more() {
        List<String> heard = new CopyOnWriteArrayList<>();
        Bus.Subscription subscription =
                here.subscribe("other", hint -> heard.add(new String(hint, UTF_8)));
        here.publish("other", "1".getBytes(UTF_8));
        subscription.close();
        here.publish("other", "2".getBytes(UTF_8));
        assertThat(heard).containsExactly("1");
    }

    @Test
    void many_hints_fit_one_notification_and_equal_ones_count_once() {
        UUID sender = new UUID(0, 3);
        Queue<Hint> waiting = new ArrayDeque<>();
        for (int i = 0; i < 1_000; i++) {
            waiting.add(new Hint("room", ("hint " + i / 2).getBytes(UTF_8)));
        }
        int batches = 0;
        int hints = 0;
        while (!waiting.isEmpty()) {
            String text = Batch.of(sender, waiting.remove(), waiting);
            assertThat(text.getBytes(UTF_8)).hasSizeLessThan(8_000);
            hints += Batch.readOthers(new UUID(0, 4), text).size();
            assertThat(Batch.readOthers(sender, text)).isEmpty();
            batches++;
        }
        assertThat(hints).isBetween(500, 510);
        assertThat(batches).isLessThan(10);
    }

    @Test
    void the_longest_hint_fits_and_a_longer_one_is_refused() {
        byte[] longest = new byte[Bus.LONGEST];
        String text = Batch.of(new UUID(0, 1), new Hint("a-topic", longest), new ArrayDeque<>());
        assertThat(text.length()).isLessThan(8_000);
        assertThatThrownBy(() -> here.publish("room", new byte[Bus.LONGEST + 1]))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void a_connection_that_the_network_has_forgotten_is_replaced() {
        String url = test.url().jdbc();
        int port = Integer.parseInt(url.replaceAll(".*:(\\d+)/.*", "$1"));
        try (CutCable cable = new CutCable(port)) {
            DatabaseUrl behind =
                    new DatabaseUrl(
                            url.replace(":" + port + "/", ":" + cable.port() + "/"),
                            test.url().user(),
                            test.url().password());
            List<String> heard = new CopyOnWriteArrayList<>();
            try (PostgresBus far = new PostgresBus(behind, new UUID(0, 3), Duration.ofSeconds(1))) {
                far.subscribe("room", hint -> heard.add(new String(hint, UTF_8)));
                awaitHeard(heard, "before");
                cable.forget();
                awaitHeard(heard, "after");
            }
        }
    }

    private void awaitHeard(List<String> heard, String word) {
        Await.until(
                "heard " + word,
                () -> {
                    here.publish("room", word.getBytes(UTF_8));
                    return heard.contains(word);
                });
    }

    @Test
    void what_strangers_notify_does_not_end_the_listening() {
        test.database()
                .run(tx -> {
                    tx.handle().execute("select pg_notify('quintet_bus', '')");
                    tx.handle().execute("select pg_notify('quintet_bus', E'x\n%')");
                });
        awaitHeard(heardThere, "still there");
    }

    @Test
    void it_is_heard_again_after_its_connections_were_cut() {
        test.database()
                .run(tx ->
                        tx.handle()
                                .execute(
                                        "select pg_terminate_backend(pid) from pg_stat_activity where query like '%quintet_bus%' and pid <> pg_backend_pid() and datname = current_database()"));
        Await.until(
                "heard after the cut",
                () -> {
                    here.publish("room", "again".getBytes(UTF_8));
                    return heardThere.contains("again");
                });
    }
}
