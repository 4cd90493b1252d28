package dev.quintet.platform.http;

import java.util.Optional;

/** One open WebSocket. Safe for any number of threads; none of its methods blocks. */
public interface Socket {

    /** The request's id, for logs. */
    String id();

    /** The subprotocol that was agreed on. */
    Optional<String> protocol();

    /**
     * Puts a frame behind those that wait; frames leave in the order of these calls. After the end
     * of the socket it does nothing. Above the route's bound of waiting bytes the socket is closed
     * with 1008: a client that lags so far resumes from history.
     */
    void send(Frame frame);

    /** The client is known: from here on it may send messages as large as the route's. */
    void admit();

    /** Bytes of frames that the client's side has not taken yet. */
    long queuedBytes();

    /** Says goodbye after all that waits, and cuts the connection 2 seconds later at the latest. */
    void close(int code, String reason);

    boolean isOpen();
}
