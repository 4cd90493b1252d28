package dev.quintet.chat.centrifugo;

import java.util.Map;
import java.util.Optional;

/** One call of a client, in whatever form it came; {@code id} names it in the reply. */
sealed interface Command {

    /** Above zero for all but {@link Pong} and {@link Send}, which get no reply. */
    int id();

    /**
     * @param offset the last publication that the client holds
     * @param epoch the text that made the offset valid; empty when the client never had one
     */
    record Position(long offset, String epoch) {}

    /**
     * @param known what the client held of its server-side subscriptions, by channel; a channel
     *     without a position wants no recovery
     */
    record Connect(int id, String token, Map<String, Optional<Position>> known)
            implements Command {}

    record Subscribe(int id, String channel, Optional<Position> since) implements Command {}

    record Unsubscribe(int id, String channel) implements Command {}

    record Publish(int id, String channel) implements Command {}

    record Presence(int id, String channel) implements Command {}

    record PresenceStats(int id, String channel) implements Command {}

    /**
     * @param limit 0 asks for the position alone, a negative number for as many as we give
     */
    record History(int id, String channel, int limit, Optional<Position> since, boolean reverse)
            implements Command {}

    record Ping(int id) implements Command {}

    record Pong(int id) implements Command {}

    record Send(int id) implements Command {}

    /**
     * @param data JSON text, empty when there is none
     */
    record Rpc(int id, String method, String data) implements Command {}

    record Refresh(int id, String token) implements Command {}

    record SubRefresh(int id, String channel) implements Command {}
}
