package dev.quintet.chat.centrifugo;

import java.util.List;
import java.util.Map;

/** What the server says: the answer to one {@link Command}, or, without an id, a push or a ping. */
sealed interface Reply {

    /**
     * @param data JSON text, the same in both forms of the protocol
     */
    record Publication(long offset, String data) {}

    /**
     * @param offset the position from which the live pushes go on
     */
    record Subscription(
            String epoch,
            long offset,
            boolean wasRecovering,
            boolean recovered,
            List<Publication> publications) {}

    /**
     * @param seconds until the token expires; 0 when it does not
     */
    record Expiry(int seconds) {}

    record Failed(long id, ProtocolError error) implements Reply {}

    /**
     * @param pingSeconds how often the server pings; the client answers each
     */
    record Connected(
            long id,
            String client,
            Expiry expiry,
            Map<String, Subscription> subscriptions,
            int pingSeconds)
            implements Reply {}

    record Subscribed(long id, Subscription subscription) implements Reply {}

    record Unsubscribed(long id) implements Reply {}

    record History(long id, List<Publication> publications, long offset, String epoch)
            implements Reply {}

    record Pinged(long id) implements Reply {}

    record RpcDone(long id, String data) implements Reply {}

    record Refreshed(long id, String client, Expiry expiry) implements Reply {}

    /** The server's own ping: an empty reply. */
    record Ping() implements Reply {}

    record Published(String channel, Publication publication) implements Reply {}

    /** The server subscribed the client to a channel while it is connected. */
    record Joined(String channel, String epoch, long offset) implements Reply {}

    record Left(String channel, int code, String reason) implements Reply {}
}
