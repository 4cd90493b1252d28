package dev.quintet.chat.centrifugo;

/**
 * Why the server closes a socket, as the close code that stock clients act on: below 3500 they come
 * back and resume, from 3500 on they stay away.
 */
enum Disconnect {
    SHUTDOWN(3001, "shutdown"),
    SERVER_ERROR(3004, "internal server error"),
    EXPIRED(3005, "connection expired"),
    SLOW(3008, "slow"),
    NO_PONG(3012, "no pong"),
    INVALID_TOKEN(3500, "invalid token"),
    BAD_REQUEST(3501, "bad request"),
    STALE(3502, "stale"),
    CONNECTION_LIMIT(3504, "connection limit"),
    PERMISSION_DENIED(3507, "permission denied"),
    NOT_AVAILABLE(3508, "not available");

    final int code;
    final String reason;

    Disconnect(int code, String reason) {
        this.code = code;
        this.reason = reason;
    }
}
