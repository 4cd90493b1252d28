package dev.quintet.platform.audit;

import dev.quintet.platform.sql.Tx;
import java.util.List;
import java.util.UUID;

/** The audit trail of each organisation. */
public final class Audit {

    private final AuditStore store = new AuditStore();

    /**
     * Records an act if and only if its transaction commits. From here to the commit the
     * organisation's other acts wait, so that a reader who pages by position misses none: call it
     * last, just before announcing.
     */
    public void record(Tx tx, Act act) {
        store.append(tx, act);
    }

    /** What came after a position, oldest first. */
    public List<Entry> after(Tx tx, UUID organisation, long position, int most) {
        return store.after(tx, organisation, position, most);
    }
}
