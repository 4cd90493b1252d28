package dev.quintet.chat.centrifugo;

/**
 * The reply error of the protocol: a code that its clients know, a sentence, and whether the same
 * call may succeed later.
 */
record ProtocolError(int code, String message, boolean temporary) {

    static final ProtocolError INTERNAL =
            new ProtocolError(100, "internal server error; try again", true);
    static final ProtocolError UNKNOWN_CHANNEL = new ProtocolError(102, "unknown channel", false);
    static final ProtocolError ALREADY_SUBSCRIBED =
            new ProtocolError(105, "already subscribed", false);
    static final ProtocolError NOT_AVAILABLE = new ProtocolError(108, "not available", false);
    static final ProtocolError TOKEN_EXPIRED =
            new ProtocolError(109, "token expired, unknown or revoked; get a new one", false);
    static final ProtocolError UNRECOVERABLE_POSITION =
            new ProtocolError(112, "unrecoverable position", false);

    static ProtocolError permissionDenied(String message) {
        return new ProtocolError(103, message, false);
    }

    static ProtocolError methodNotFound(String method) {
        return new ProtocolError(104, "method not found: " + method, false);
    }

    static ProtocolError limitExceeded(String message) {
        return new ProtocolError(106, message, false);
    }

    static ProtocolError badRequest(String message) {
        return new ProtocolError(107, message, false);
    }

    static ProtocolError tooManyRequests(String message) {
        return new ProtocolError(111, message, true);
    }
}
