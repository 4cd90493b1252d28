package dev.quintet.analytics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quintet.platform.sql.DatabaseUrl;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** The client's own list of what was taken, and what must have become of it. */
final class ClientList {

    private static final String ROWS_UNLESS_TWICE =
            "select case when count(*) = count(distinct message_id) then count(*) else -1 end from events";

    private final Set<String> stored = new HashSet<>();
    private int received;
    private int duplicate;
    private int rejected;

    /** How the counts are asked for. */
    interface Api {
        long number(String sql);

        Balance ledger();
    }

    static String id(int number) {
        return "m" + number;
    }

    /** A batch of events with these numbers, and one that is none. */
    static byte[] batch(int from, int to) {
        List<String> items = new ArrayList<>();
        for (int number = from; number < to; number++) {
            items.add(
                    "{\"type\":\"track\",\"event\":\"E\",\"userId\":\"u\",\"messageId\":\"%s\"}"
                            .formatted(id(number)));
        }
        items.add("{\"type\":\"track\"}");
        return ("{\"batch\":[" + String.join(",", items) + "]}").getBytes(StandardCharsets.UTF_8);
    }

    /** Such a batch was acknowledged. */
    void taken(int from, int to) {
        received++;
        rejected++;
        tracked(from, to);
    }

    /** Events with these numbers were acknowledged. */
    void tracked(int from, int to) {
        received += to - from;
        for (int number = from; number < to; number++) {
            if (!stored.add(id(number))) {
                duplicate++;
            }
        }
    }

    int size() {
        return stored.size();
    }

    /** By our API, by a reader that is not ours, and by the ledger: the same as this list. */
    void assertExactlyOnce(DatabaseUrl lake, Api api) {
        assertThat(api.number(ROWS_UNLESS_TWICE)).isEqualTo(stored.size());
        try {
            assertThat(
                            SecondReader.rows(lake, "events").stream()
                                    .map(row -> String.valueOf(row.get("message_id")))
                                    .sorted())
                    .containsExactlyElementsOf(new TreeSet<>(stored));
            assertThat(SecondReader.rows(lake, "rejected")).hasSize(rejected);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
        assertThat(api.ledger())
                .isEqualTo(new Balance(received, stored.size(), duplicate, rejected, 0, List.of()));
    }
}
