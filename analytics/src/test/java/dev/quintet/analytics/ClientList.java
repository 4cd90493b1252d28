package dev.quintet.analytics;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The client's own list of what was taken, and what must have become of it. */
final class ClientList {

    private final Set<String> stored = new HashSet<>();
    private int received;
    private int duplicate;
    private int rejected;

    /** A batch of events with these numbers, and one that is none. */
    static byte[] batch(int from, int to) {
        List<String> items = new ArrayList<>();
        for (int number = from; number < to; number++) {
            items.add(
                    "{\"type\":\"track\",\"event\":\"E\",\"userId\":\"u\",\"messageId\":\"m%d\"}"
                            .formatted(number));
        }
        items.add("{\"type\":\"track\"}");
        return ("{\"batch\":[" + String.join(",", items) + "]}").getBytes(StandardCharsets.UTF_8);
    }

    /** Such a batch was acknowledged. */
    void taken(int from, int to) {
        received += to - from + 1;
        rejected++;
        for (int number = from; number < to; number++) {
            if (!stored.add("m" + number)) {
                duplicate++;
            }
        }
    }

    /** By our API, by a reader that is not ours, and by the ledger: the same as this list. */
    void assertExactlyOnce(Rig rig) {
        assertThat(number(rig, "select count(*) from events")).isEqualTo(stored.size());
        assertThat(number(rig, "select count(distinct message_id) from events"))
                .isEqualTo(stored.size());
        try {
            assertThat(SecondReader.rows(rig.url, "events"))
                    .extracting(row -> row.get("message_id"))
                    .containsExactlyInAnyOrderElementsOf(stored);
            assertThat(SecondReader.rows(rig.url, "rejected")).hasSize(rejected);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
        assertThat(rig.analytics.ledger(Rig.US))
                .isEqualTo(new Balance(received, stored.size(), duplicate, rejected, 0));
    }

    static long number(Rig rig, String sql) {
        return rig.analytics
                .query(Rig.US, sql, Optional.empty())
                .rows()
                .getFirst()
                .getFirst()
                .longValue();
    }
}
