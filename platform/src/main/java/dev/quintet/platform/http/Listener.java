package dev.quintet.platform.http;

/**
 * The server's end of one WebSocket. The calls come one after another, in order, on a virtual
 * thread that exists only while there is something to tell; they may block, and while they do the
 * socket is not read.
 */
public interface Listener {

    /** First. */
    void opened(Socket socket);

    void received(Socket socket, Message message);

    /**
     * Last, exactly once.
     *
     * @param code the client's close code, ours if we closed, 1006 if the connection broke
     */
    void closed(Socket socket, int code);
}
