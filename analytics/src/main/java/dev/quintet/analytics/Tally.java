package dev.quintet.analytics;

import dev.quintet.platform.log.LocalEventLog;
import dev.quintet.platform.log.Position;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What one range of the log came to, for each organisation in it. It is committed with the range,
 * so that the ledger can be brought up to it after a crash.
 */
record Tally(Position start, Position end, Map<UUID, Counts> organisations) {

    /**
     * Each counted where it happens, none from the others.
     *
     * @param received by the headers of the requests
     * @param stored by the writer of the files
     * @param duplicate by the loader, that knew their ids
     * @param rejected by the rules
     */
    record Counts(long received, long stored, long duplicate, long rejected) {

        static final Counts NONE = new Counts(0, 0, 0, 0);

        Counts plus(Counts more) {
            return new Counts(
                    received + more.received,
                    stored + more.stored,
                    duplicate + more.duplicate,
                    rejected + more.rejected);
        }
    }

    /** As it was written before a position had a partition. */
    record Older(String start, String end, Map<UUID, Counts> organisations) {}

    Tally {
        organisations = new TreeMap<>(organisations);
    }

    static Tally parse(String json) {
        JsonMapper mapper = JsonMapper.shared();
        JsonNode tally = mapper.readTree(json);
        if (!tally.path("start").isString()) {
            return mapper.treeToValue(tally, Tally.class);
        }
        Older older = mapper.treeToValue(tally, Older.class);
        return new Tally(
                LocalEventLog.olderPosition(older.start),
                LocalEventLog.olderPosition(older.end),
                older.organisations);
    }

    String json() {
        return JsonMapper.shared().writeValueAsString(this);
    }
}
