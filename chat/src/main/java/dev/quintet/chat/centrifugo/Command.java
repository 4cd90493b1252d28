package dev.quintet.chat.centrifugo;

import java.util.Map;
import java.util.Optional;

/** One call of a client, in whatever form it came; {@code id} names it in the reply. */
sealed interface Command {

    /** Above zero for all but {@link Pong} and {@link Send}, which get no reply. */
    long id();

    /**
     * @param offset the last publication that the client holds
     * @param epoch the text that made the offset valid; empty when the client never had one
     */
    record Position(long offset, String epoch) {}

    /**
     * @param known what the client held of its server-side subscriptions, by channel; a channel
     *     without a position wants no recovery
     */
    record Connect(long id, String token, Map<String, Optional<Position>> known)
            implements Command {}

    record Subscribe(long id, String channel, Optional<Position> since) implements Command {}

    record Unsubscribe(long id, String channel) implements Command {}

    record Publish(long id, String channel) implements Command {}

    record Presence(long id, String channel) implements Command {}

    record PresenceStats(long id, String channel) implements Command {}

    /**
     * @param limit 0 asks for the position alone, a negative number for as many as we give
     */
    record History(long id, String channel, int limit, Optional<Position> since, boolean reverse)
            implements Command {}

    record Ping(long id) implements Command {}

    record Pong(long id) implements Command {}

    record Send(long id) implements Command {}

    /**
     * @param data JSON text, empty when there is none
     */
    record Rpc(long id, String method, String data) implements Command {}

    record Refresh(long id, String token) implements Command {}

    record SubRefresh(long id, String channel) implements Command {}
}
