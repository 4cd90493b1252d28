package dev.quintet.platform.caller;

import static dev.quintet.platform.caller.CallerRefusal.INVALID_NAME;

import dev.quintet.platform.Ids;
import dev.quintet.platform.Texts;
import dev.quintet.platform.sql.Tx;
import java.util.UUID;

/** The product's customers; {@link Caller#ROOT} is there from the start. */
public final class Organisations {

    private static final int LONGEST_NAME = 200;

    private final OrganisationStore store = new OrganisationStore();
    private final Ids ids;

    public Organisations(Ids ids) {
        this.ids = ids;
    }

    public UUID make(Tx tx, String name) {
        if (Texts.showsNothing(name)
                || name.length() > LONGEST_NAME
                || name.chars().anyMatch(Character::isISOControl)) {
            throw INVALID_NAME.because();
        }
        UUID id = ids.next();
        store.insert(tx, id, name);
        return id;
    }

    public boolean exists(Tx tx, UUID id) {
        return store.exists(tx, id);
    }
}
