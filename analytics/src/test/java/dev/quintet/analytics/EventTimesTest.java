package dev.quintet.analytics;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.SecureRandom;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** When an event happened, by what its sender's clock said and when it came. */
final class EventTimesTest {

    private static final Instant RECEIVED = Instant.parse("2026-11-29T20:00:00Z");

    private static Verdict judge(String times) {
        String item =
                "{\"type\":\"track\",\"event\":\"E\",\"userId\":\"u\",%s}"
                        .formatted(times.replace('\'', '"'));
        return EventRules.judge(
                ItemScan.scan(item).request(),
                new EventRules.Envelope(Call.BATCH, Optional.empty(), Optional.empty(), RECEIVED),
                "own");
    }

    private static Instant stored(Verdict verdict, String column) {
        assertThat(verdict).isInstanceOf(Verdict.Good.class);
        return verdict instanceof Verdict.Good good && good.row().get(column) instanceof Long micros
                ? Instant.EPOCH.plus(micros, ChronoUnit.MICROS)
                : Instant.MIN;
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "2026-11-29T19:30:00Z | 2026-11-29T19:30:00Z",
                "2026-11-29T23:30:00+0545 | 2026-11-29T17:45:00Z",
                "2026-11-29T23:30:00+05:45 | 2026-11-29T17:45:00Z",
                "2026-11-29T14:30:00-05 | 2026-11-29T19:30:00Z",
                "2026-11-29 19:30:00.123456789Z | 2026-11-29T19:30:00.123456Z",
                "2026-11-28T24:00:00Z | 2026-11-29T00:00:00Z",
                "2016-12-31T23:59:60Z | 2016-12-31T23:59:59Z",
                "2026-11-29T19:30 | 2026-11-29T19:30:00Z",
                "2026-11-29 | 2026-11-29T00:00:00Z",
            })
    void every_common_notation_is_read(String written, Instant meant) {
        assertThat(stored(judge("'timestamp':'" + written + "'"), "timestamp")).isEqualTo(meant);
    }

    @Test
    void the_usual_notation_is_read_as_the_formatter_reads_it() {
        long seed = new SecureRandom().nextLong();
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        for (int n = 0; n < 20_000; n++) {
            String usual =
                    "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ"
                            .formatted(
                                    random.nextInt(1, 10_000),
                                    random.nextInt(14),
                                    random.nextInt(33),
                                    random.nextInt(26),
                                    random.nextInt(62),
                                    random.nextInt(62),
                                    random.nextInt(1_000));
            assertThat(read(usual)).as(usual).isEqualTo(read(usual.replace('T', ' ')));
        }
    }

    private static Optional<Instant> read(String time) {
        try {
            return Optional.of(EventRules.parse(time, "timestamp"));
        } catch (EventRules.Unfit unreadable) {
            return Optional.empty();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1e99999999999",
                "1e2147483647",
                "-1e2147483647",
                "1e-2147483648",
                "1e18",
                "1000000000000000000000",
            })
    void a_number_that_is_no_time_is_one_of_a_wrong_clock_or_refused(String number) {
        assertThat(judge("'timestamp':" + number)).isInstanceOf(Verdict.Bad.class);
        assertThat(stored(judge("'sentAt':" + number), "timestamp")).isEqualTo(RECEIVED);
        assertThat(EventRules.sentAt(ItemScan.scan("{\"sentAt\":" + number + "}").request()))
                .isEmpty();
    }

    @Test
    void a_number_of_a_whole_request_is_not_read() {
        String endless = "9".repeat(490_000);
        assertThat(EventRules.sentAt(ItemScan.scan("{\"sentAt\":" + endless + "}").request()))
                .isEmpty();
    }

    @Test
    void a_number_is_milliseconds_since_1970() {
        assertThat(stored(judge("'timestamp':" + RECEIVED.toEpochMilli()), "timestamp"))
                .isEqualTo(RECEIVED);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "'soon'",
                "'2026-13-01T00:00:00Z'",
                "'2026-11-29T25:00:00Z'",
                "'2026-11-29T19:30:00 PST'",
                "'99999-01-01'",
                "true",
                "1e300"
            })
    void what_is_no_time_is_refused_at_its_place(String written) {
        assertThat(judge("'timestamp':" + written))
                .isInstanceOfSatisfying(
                        Verdict.Bad.class, bad -> assertThat(bad.path()).isEqualTo("/timestamp"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                // What transit explains moves nothing, and what it does not is set right.
                "2025-03-30T12:00:00Z | 2026-11-29T19:59:08Z | 2025-03-30T12:00:00Z",
                "2027-11-29T19:59:50Z | 2027-11-29T20:00:00Z | 2026-11-29T19:59:50Z",
                "1970-01-01T00:00:05Z | 1970-01-01T00:00:15Z | 2026-11-29T19:59:50Z",
                // A clock that was set in between, or that stands at its beginning.
                "2026-11-29T19:59:00Z | 2026-11-28T14:00:00Z | 2026-11-29T20:00:00Z",
                "2026-11-29T19:59:00Z | 1970-01-01T00:00:00Z | 2026-11-29T20:00:00Z",
                "1970-01-01T00:00:00Z | 2026-11-29T20:00:00Z | 2026-11-29T20:00:00Z",
                "2083-10-29T00:00:00Z | 2026-11-29T20:00:00Z | 2026-11-29T20:00:00Z",
                // One that cannot be read repairs none.
                "2026-11-29T19:59:00Z | yesterday | 2026-11-29T19:59:00Z",
            })
    void a_wrong_clock_costs_no_event(Instant original, String sent, Instant happened) {
        Verdict verdict = judge("'timestamp':'%s','sentAt':'%s'".formatted(original, sent));
        assertThat(stored(verdict, "timestamp")).isEqualTo(happened);
        assertThat(stored(verdict, "original_timestamp")).isEqualTo(original);
    }
}
