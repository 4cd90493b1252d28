package dev.quintet.auth;

import dev.quintet.auth.Secrets.Kind;
import dev.quintet.platform.sql.Database;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * The wall against guessing passwords: after a few failures each further attempt waits, twice as
 * long each time. A browser that has signed in to the account before is counted apart from all
 * strangers together, so that those cannot lock the owner out. Accounts that do not exist are
 * counted the same.
 */
final class Attempts {

    private static final int ACCOUNTS_PER_DEVICE = 5;
    private static final int MARK_LENGTH = 22;
    private static final Pattern DEVICE =
            Pattern.compile("[A-Za-z0-9_-]{20,60}(?:\\.[A-Za-z0-9_-]{22}){0,5}");

    private final Database db;
    private final AuthStore store;
    private final Secrets secrets;

    Attempts(Database db, AuthStore store, Secrets secrets) {
        this.db = db;
        this.store = store;
        this.secrets = secrets;
    }

    /**
     * Whose attempts are counted together: an account, as seen from one browser or by strangers.
     */
    record Counter(String account, String source) {}

    Counter counter(UUID organisation, String email, Optional<String> device) {
        String account = secrets.hash(Kind.ACCOUNT, organisation + " " + email);
        String source =
                readable(device)
                        .filter(known -> parts(known).contains(mark(id(known), account)))
                        .map(known -> mark(id(known), "source"))
                        .orElse("");
        return new Counter(account, source);
    }

    /**
     * Counts an attempt before it is made, so that a hundred at once are a hundred. Says how long
     * to wait if it may not be made now.
     */
    Optional<Duration> begin(Counter counter) {
        return db.tx(tx -> store.beginAttempt(tx, counter));
    }

    /** What the browser keeps after a sign-in, so that it is no stranger the next time. */
    String device(Optional<String> device, Counter counter) {
        Optional<String> known = readable(device);
        String id = known.map(Attempts::id).orElseGet(() -> secrets.make(Kind.DEVICE));
        String mark = mark(id, counter.account());
        List<String> others =
                known.map(Attempts::parts).orElse(List.of()).stream()
                        .filter(other -> !other.equals(mark))
                        .limit(ACCOUNTS_PER_DEVICE - 1)
                        .toList();
        return id
                + "."
                + mark
                + others.stream().map(other -> "." + other).reduce("", String::concat);
    }

    private static Optional<String> readable(Optional<String> device) {
        return device.filter(text -> DEVICE.matcher(text).matches());
    }

    private String mark(String device, String of) {
        return secrets.hash(Kind.DEVICE, device + " " + of).substring(0, MARK_LENGTH);
    }

    private static String id(String device) {
        return device.split("\\.", -1)[0];
    }

    private static List<String> parts(String device) {
        return Arrays.stream(device.split("\\.", -1)).skip(1).limit(ACCOUNTS_PER_DEVICE).toList();
    }
}
