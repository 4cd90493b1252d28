package dev.quintet.analytics;

import dev.quintet.platform.log.Gap;
import java.util.List;

/**
 * Where every item of an organisation's events went.
 *
 * @param received in requests that were taken
 * @param pending durable, but not loaded yet
 * @param setAside pieces of the log that were damaged and given up, newest first, at most {@value
 *     #MOST_GAPS}: nobody can tell whose items they held, so they are in no other figure
 */
public record Balance(
        long received,
        long stored,
        long duplicate,
        long rejected,
        long pending,
        List<SetAside> setAside) {

    static final int MOST_GAPS = 100;

    public Balance {
        setAside = List.copyOf(setAside);
    }

    /**
     * @param bytes that are kept beside the log; none of a file that was missing
     */
    public record SetAside(String from, String to, long bytes) {

        static SetAside of(Gap gap) {
            return new SetAside(gap.from().toString(), gap.to().toString(), gap.bytes());
        }
    }
}
