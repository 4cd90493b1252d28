package dev.quintet.platform.caller;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Every right there is, in the one table of them: {@code system:verb} on the wire. {@link #ADMIN}
 * includes all others.
 */
public enum Scope {
    ADMIN("admin"),
    USERS_READ("users:read"),
    USERS_WRITE("users:write"),
    CLIENTS_WRITE("clients:write"),
    TOKENS_WRITE("tokens:write"),
    PEOPLE_READ("people:read"),
    PEOPLE_WRITE("people:write"),
    AUDIT_READ("audit:read"),
    KEYS_WRITE("keys:write"),
    CHAT_READ("chat:read"),
    CHAT_WRITE("chat:write"),
    CHAT_ADMIN("chat:admin"),
    FILES_READ("files:read"),
    FILES_WRITE("files:write"),
    ANALYTICS_READ("analytics:read"),
    ANALYTICS_WRITE("analytics:write"),
    LAKE_READ("lake:read"),
    LAKE_WRITE("lake:write"),
    NOTIFY_READ("notify:read"),
    NOTIFY_WRITE("notify:write"),
    INBOX_READ("inbox:read");

    private final String wire;

    Scope(String wire) {
        this.wire = wire;
    }

    public String wire() {
        return wire;
    }

    /** The words of all, for whoever named none of them. */
    public static List<String> words() {
        return Arrays.stream(values()).map(Scope::wire).toList();
    }

    public static Optional<Scope> of(String wire) {
        return Arrays.stream(values()).filter(scope -> scope.wire.equals(wire)).findFirst();
    }
}
