package dev.quintet.notify;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How many attempts of a lane are under way at each address on this node, so that one receiver that
 * hangs leaves room for all others: half of the workers at most, and an eighth for one whose last
 * attempt was slow. For any thread.
 */
final class Destinations {

    private static final Duration SLOW = Duration.ofSeconds(1);

    // A lane has 64 workers: so many slow ones cannot be waited for in an hour.
    private static final int MOST_REMEMBERED = 1_000;

    private final int usual;
    private final int whenSlow;

    // Guarded by this; as many as there are workers.
    private final Map<String, Integer> underWay = new HashMap<>();

    // Guarded by this; the longest known is forgotten first.
    private final Map<String, Boolean> slow =
            new LinkedHashMap<>() {
                @Override
                protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
                    return size() > MOST_REMEMBERED;
                }
            };

    /**
     * What a claim may take.
     *
     * @param full addresses of which it takes none
     * @param addresses those with less room than {@code usual}, and {@code rooms} what they have
     */
    record Room(int usual, List<String> full, List<String> addresses, List<Integer> rooms) {}

    Destinations(int workers) {
        this.usual = Math.max(1, workers / 2);
        this.whenSlow = Math.max(1, workers / 8);
    }

    synchronized void began(String address) {
        underWay.merge(address, 1, Integer::sum);
    }

    synchronized void ended(String address, Duration took) {
        underWay.computeIfPresent(address, (key, count) -> count > 1 ? count - 1 : null);
        if (took.compareTo(SLOW) >= 0) {
            slow.put(address, true);
        } else {
            slow.remove(address);
        }
    }

    synchronized Room room() {
        List<String> full = new ArrayList<>();
        List<String> addresses = new ArrayList<>();
        List<Integer> rooms = new ArrayList<>();
        Map<String, Integer> known = new LinkedHashMap<>(underWay);
        slow.keySet().forEach(address -> known.putIfAbsent(address, 0));
        known.forEach((address, count) -> {
            int most = slow.containsKey(address) ? whenSlow : usual;
            int room = most - count;
            // Not for each place that comes free: a claim looks at more rows than it takes.
            if (room < Math.max(1, most / 4)) {
                full.add(address);
            } else {
                addresses.add(address);
                rooms.add(room);
            }
        });
        return new Room(usual, full, addresses, rooms);
    }
}
