package dev.quintet.auth;

import dev.quintet.platform.IdKind;
import dev.quintet.platform.people.EmailAddress;
import dev.quintet.platform.sql.Database;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings emails that earlier versions stored into the form that is compared today. A second account
 * of what is now one address keeps its old form, and is found by whoever types exactly that.
 */
final class OldEmails {

    private static final Logger log = LoggerFactory.getLogger(OldEmails.class);
    private static final int PAGE = 200;

    private final Database db;
    private final AuthStore store;

    OldEmails(Database db, AuthStore store) {
        this.db = db;
        this.store = store;
    }

    /** Repeatable; reads an empty index when nothing is old. */
    void renew() {
        List<User> page;
        do {
            page = db.tx(tx -> store.oldEmails(tx, PAGE));
            page.forEach(this::renew);
        } while (page.size() == PAGE);
    }

    private void renew(User user) {
        Optional<String> key = EmailAddress.of(user.email()).map(EmailAddress::key);
        boolean renewed =
                db.tx(tx -> {
                    boolean free =
                            key.isPresent() && store.renewEmail(tx, user.person(), key.get());
                    if (!free) {
                        store.keepEmail(tx, user.person());
                    }
                    return free;
                });
        if (!renewed) {
            log.warn(
                    "the email of {} {}; it stays as it is, and signs in when typed exactly so",
                    IdKind.PERSON.show(user.person()),
                    key.isPresent()
                            ? "is written in another way by another user of the organisation"
                            : "is not an address by today's rules");
        }
    }
}
