package dev.quintet.platform.bus;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.UUID;

/**
 * Many hints in one notification: the sender's id, then a hint a line, within PostgreSQL's limit.
 */
final class Batch {

    // PostgreSQL takes payloads shorter than 8,000 bytes.
    private static final int LONGEST = 7_999;

    private Batch() {}

    /** Takes {@code first} and as many of the waiting hints as fit; equal ones once. */
    static String of(UUID sender, Hint first, Queue<Hint> waiting) {
        Set<Hint> taken = new LinkedHashSet<>(List.of(first));
        StringBuilder text =
                new StringBuilder(sender.toString()).append('\n').append(first.encode());
        for (Hint next = waiting.peek(); next != null; next = waiting.peek()) {
            String line = next.encode();
            boolean known = taken.contains(next);
            if (!known && text.length() + 1 + line.length() > LONGEST) {
                break;
            }
            // A full queue drops from its head too: only what is still there is taken.
            if (waiting.remove(next) && taken.add(next)) {
                text.append('\n').append(line);
            }
        }
        return text.toString();
    }

    /** The hints of another node; none of our own, which were heard when they were published. */
    static List<Hint> readOthers(UUID self, String text) {
        List<String> lines = text.lines().toList();
        return lines.getFirst().equals(self.toString())
                ? List.of()
                : lines.stream().skip(1).map(Hint::decode).toList();
    }
}
