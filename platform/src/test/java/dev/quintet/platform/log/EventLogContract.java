package dev.quintet.platform.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quintet.platform.DataSize;
import dev.quintet.platform.Refused;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What every engine of the event log keeps, wherever its records lie. */
public abstract class EventLogContract {

    private static final DataSize MUCH = DataSize.mebibytes(1);
    private static final DataSize LITTLE = new DataSize(1);

    /** Opens the log under test; whoever had it open before has closed it. */
    protected abstract EventLog open();

    /** The same log as somebody finds it when the process that has it open ends at this moment. */
    protected abstract EventLog afterKill();

    /** How much a body may have at most that is sent with no meta. */
    protected abstract int largestBody();

    @Test
    void a_record_is_read_as_it_was_appended() {
        UUID source = UUID.randomUUID();
        Instant at = Instant.parse("2026-11-21T12:00:00.123456Z");
        try (EventLog log = open()) {
            Position position =
                    log.append(new LogRecord(at, source, 7, bytes("meta"), bytes("body")));
            LogSlice slice = log.read(log.start(), MUCH, Duration.ZERO);
            assertThat(slice.entries())
                    .singleElement()
                    .satisfies(entry -> {
                        assertThat(entry.position()).isEqualTo(position);
                        assertThat(entry.record())
                                .isEqualTo(
                                        new LogRecord(at, source, 7, bytes("meta"), bytes("body")));
                    });
            assertThat(slice.next()).isEqualTo(log.end());
            assertThat(Position.parse(slice.next().toString())).isEqualTo(slice.next());
        }
    }

    @Test
    void an_empty_log_begins_where_it_ends() {
        try (EventLog log = open()) {
            assertThat(log.start()).isEqualTo(log.end());
            assertThat(log.holds(log.start())).isEqualTo(EventLog.Holding.HELD);
            assertThat(log.read(log.start(), MUCH, Duration.ZERO).entries()).isEmpty();
            assertThat(log.gaps()).isEmpty();
        }
    }

    @Test
    void positions_grow_in_the_order_of_appends_and_records_come_in_it() {
        List<Position> positions = new ArrayList<>();
        for (int opened = 0; opened < 3; opened++) {
            try (EventLog log = open()) {
                for (int i = 0; i < 20; i++) {
                    positions.add(log.append(record("event " + positions.size())));
                    assertThat(log.end()).isGreaterThan(positions.getLast());
                }
            }
        }
        assertThat(positions).isSorted().doesNotHaveDuplicates();
        assertThat(positions).extracting(Position::partition).containsOnly(partition(positions));
        try (EventLog log = open()) {
            assertThat(bodies(log, log.start())).containsExactlyElementsOf(events(60));
        }
    }

    private static int partition(List<Position> positions) {
        return positions.getFirst().partition();
    }

    @Test
    void of_many_writers_every_record_is_there_once_at_the_position_that_was_answered() {
        List<Position> positions;
        try (EventLog log = open();
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            positions =
                    IntStream.range(0, 300)
                            .mapToObj(i ->
                                    CompletableFuture.supplyAsync(
                                            () -> log.append(record("event " + i)), threads))
                            .toList()
                            .stream()
                            .map(CompletableFuture::join)
                            .toList();
        }
        assertThat(positions).doesNotHaveDuplicates();
        Map<Position, String> byPosition = new TreeMap<>();
        for (int i = 0; i < positions.size(); i++) {
            byPosition.put(positions.get(i), "event " + i);
        }
        try (EventLog log = open()) {
            assertThat(bodies(log, log.start())).containsExactlyElementsOf(byPosition.values());
        }
    }

    @Test
    void reading_goes_on_from_every_position_that_was_answered() {
        try (EventLog log = open()) {
            List<Position> positions = fill(log, 60);
            for (int i = 0; i < positions.size(); i += 7) {
                assertThat(log.holds(positions.get(i))).isEqualTo(EventLog.Holding.HELD);
                assertThat(bodies(log, positions.get(i)))
                        .containsExactlyElementsOf(events(60).subList(i, 60));
            }
            Position at = log.start();
            for (int i = 0; i < positions.size(); ) {
                LogSlice slice = log.read(at, DataSize.kibibytes(1), Duration.ZERO);
                for (LogSlice.Entry entry : slice.entries()) {
                    assertThat(entry.position()).isEqualTo(positions.get(i));
                    assertThat(text(entry)).isEqualTo("event " + i++);
                }
                at = slice.next();
                assertThat(log.holds(at)).isEqualTo(EventLog.Holding.HELD);
            }
            assertThat(log.read(at, MUCH, Duration.ZERO).entries()).isEmpty();
        }
    }

    @Test
    void a_slice_has_at_least_one_record_and_says_whether_there_were_more() {
        try (EventLog log = open()) {
            List<Position> positions = fill(log, 2);
            LogSlice first = log.read(log.start(), LITTLE, Duration.ZERO);
            assertThat(first.entries()).hasSize(1);
            assertThat(first.more()).isTrue();
            LogSlice second = log.read(first.next(), LITTLE, Duration.ZERO);
            assertThat(second.entries())
                    .singleElement()
                    .satisfies(
                            entry -> assertThat(entry.position()).isEqualTo(positions.getLast()));
            assertThat(second.more()).isFalse();
            assertThat(log.read(second.next(), LITTLE, Duration.ZERO).more()).isFalse();
            log.rotate();
            assertThat(log.read(positions.getLast(), MUCH, Duration.ZERO).more())
                    .as("nothing came")
                    .isFalse();
        }
    }

    @Test
    void a_reader_that_waits_gets_the_next_record_and_one_without_news_gets_none() {
        try (EventLog log = open();
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            log.append(record("old"));
            LogSlice nothing = log.read(log.end(), MUCH, Duration.ofMillis(5));
            assertThat(nothing.entries()).isEmpty();
            assertThat(nothing.next()).isEqualTo(log.end());
            CompletableFuture<LogSlice> waiting =
                    CompletableFuture.supplyAsync(
                            () -> log.read(nothing.next(), MUCH, Duration.ofSeconds(20)), threads);
            log.append(record("news"));
            assertThat(text(waiting.join().entries().getFirst())).isEqualTo("news");
        }
    }

    @Test
    void what_is_answered_is_durable() {
        try (EventLog log = open()) {
            List<Position> positions = fill(log, 30);
            try (EventLog found = afterKill()) {
                assertThat(bodies(found, found.start())).containsExactlyElementsOf(events(30));
                assertThat(found.end()).isGreaterThan(positions.getLast());
            }
        }
    }

    @Test
    void the_largest_record_is_taken_and_one_byte_more_is_refused() {
        try (EventLog log = open()) {
            log.append(record("x".repeat(largestBody())));
            assertThatThrownBy(() -> log.append(record("x".repeat(largestBody() + 1))))
                    .isInstanceOfSatisfying(
                            Refused.class,
                            refused ->
                                    assertThat(refused.refusal())
                                            .isEqualTo(LogRefusal.EVENTS_TOO_LARGE));
            log.append(record("next"));
            assertThat(bodies(log, log.start())).containsExactly("x".repeat(largestBody()), "next");
        }
    }

    @Test
    void a_closed_log_takes_nothing() {
        EventLog log = open();
        log.close();
        assertThatThrownBy(() -> log.append(record("late")))
                .isInstanceOfSatisfying(
                        Refused.class,
                        refused -> {
                            assertThat(refused.refusal()).isEqualTo(LogRefusal.EVENT_LOG_CLOSED);
                            assertThat(refused.headers()).containsKey("Retry-After");
                        });
        try (EventLog again = open()) {
            assertThat(bodies(again, again.start())).isEmpty();
        }
    }

    @Test
    void what_is_released_is_said_to_be_gone_and_a_reader_behind_it_goes_on() {
        Position first;
        Position behind;
        try (EventLog log = open()) {
            first = fill(log, 60).getFirst();
            behind = log.end();
            log.rotate();
            log.release(behind);
            assertGone(log, first);
            assertThat(log.holds(behind)).isEqualTo(EventLog.Holding.HELD);
            assertThat(log.holds(log.start())).isEqualTo(EventLog.Holding.HELD);
            assertThat(bodies(log, log.start())).isEmpty();
            assertThat(log.append(record("next"))).isGreaterThanOrEqualTo(behind);
            assertThat(bodies(log, behind)).containsExactly("next");
        }
        try (EventLog log = open()) {
            assertGone(log, first);
            assertThat(bodies(log, behind)).containsExactly("next");
            assertThat(bodies(log, log.start())).containsExactly("next");
        }
    }

    private static void assertGone(EventLog log, Position first) {
        assertThat(log.holds(first)).isEqualTo(EventLog.Holding.GONE);
        assertThatThrownBy(() -> log.require(first)).isInstanceOf(NotInLog.class);
        assertThatThrownBy(() -> log.read(first, MUCH, Duration.ZERO))
                .isInstanceOf(NotInLog.class)
                .hasMessageContaining("not " + first);
        assertThatThrownBy(() -> log.release(first)).isInstanceOf(NotInLog.class);
    }

    @Test
    void what_is_not_released_is_kept() {
        try (EventLog log = open()) {
            List<Position> positions = fill(log, 60);
            log.rotate();
            log.release(positions.get(30));
            assertThat(bodies(log, positions.get(30)))
                    .containsExactlyElementsOf(events(60).subList(30, 60));
        }
    }

    @Test
    void a_position_that_the_log_has_not_reached_or_of_another_partition_is_beyond() {
        try (EventLog log = open()) {
            fill(log, 3);
            Position end = log.end();
            Position later = new Position(end.partition(), end.offset() + 1);
            Position other = new Position(end.partition() + 1, log.start().offset());
            for (Position beyond : List.of(later, other)) {
                assertThat(log.holds(beyond)).isEqualTo(EventLog.Holding.BEYOND);
                assertThatThrownBy(() -> log.read(beyond, MUCH, Duration.ZERO))
                        .isInstanceOf(NotInLog.class);
            }
            log.require(end);
        }
    }

    @Test
    void rotating_a_log_again_and_again_changes_nothing_for_its_reader() {
        try (EventLog log = open()) {
            log.rotate();
            Position reader = log.start();
            List<String> read = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                log.append(record("event " + i));
                log.rotate();
                log.rotate();
                LogSlice slice = log.read(reader, MUCH, Duration.ZERO);
                slice.entries().forEach(entry -> read.add(text(entry)));
                reader = slice.next();
            }
            assertThat(read).containsExactlyElementsOf(events(5));
        }
    }

    private static List<Position> fill(EventLog log, int records) {
        return events(records).stream().map(event -> log.append(record(event))).toList();
    }

    private static List<String> events(int count) {
        return IntStream.range(0, count).mapToObj(i -> "event " + i).toList();
    }

    static List<String> bodies(EventLog log, Position from) {
        List<String> found = new ArrayList<>();
        LogSlice slice = log.read(from, DataSize.kibibytes(1), Duration.ZERO);
        while (!slice.entries().isEmpty()) {
            slice.entries().forEach(entry -> found.add(text(entry)));
            slice = log.read(slice.next(), DataSize.kibibytes(1), Duration.ZERO);
        }
        return found;
    }

    static LogRecord record(String body) {
        return new LogRecord(Instant.EPOCH, new UUID(1, 2), 0, bytes(""), bytes(body));
    }

    static String text(LogSlice.Entry entry) {
        return StandardCharsets.UTF_8.decode(entry.record().body()).toString();
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }
}
