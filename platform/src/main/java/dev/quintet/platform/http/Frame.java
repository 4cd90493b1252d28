package dev.quintet.platform.http;

import java.nio.charset.StandardCharsets;

/**
 * One WebSocket message as it goes out, encoded once (RFC 6455 section 5.2) and shared by all who
 * get it. Immutable.
 */
public final class Frame {

    private static final int FINAL = 0x80;
    private static final int TEXT = 1;
    private static final int BINARY = 2;
    private static final int CLOSE = 8;
    private static final int PONG = 10;

    private final byte[] wire;

    private Frame(int opcode, byte[] payload) {
        int length = payload.length;
        int head = length < 126 ? 2 : length < 65_536 ? 4 : 10;
        wire = new byte[head + length];
        wire[0] = (byte) (FINAL | opcode);
        if (head == 2) {
            wire[1] = (byte) length;
        } else {
            wire[1] = (byte) (head == 4 ? 126 : 127);
            for (int at = head - 1, rest = length; at > 1; at--, rest >>>= 8) {
                wire[at] = (byte) rest;
            }
        }
        System.arraycopy(payload, 0, wire, head, length);
    }

    /**
     * @param utf8 valid UTF-8; whoever made it is believed
     */
    public static Frame text(byte[] utf8) {
        return new Frame(TEXT, utf8);
    }

    public static Frame binary(byte[] bytes) {
        return new Frame(BINARY, bytes);
    }

    static Frame pong(byte[] payload) {
        return new Frame(PONG, payload);
    }

    /** The reason is cut to the 123 bytes that a control frame holds, at a border of characters. */
    static Frame close(int code, String reason) {
        String cut = reason;
        while (cut.getBytes(StandardCharsets.UTF_8).length > 123) {
            cut = cut.substring(0, cut.offsetByCodePoints(cut.length(), -1));
        }
        byte[] words = cut.getBytes(StandardCharsets.UTF_8);
        byte[] payload = new byte[2 + words.length];
        payload[0] = (byte) (code >>> 8);
        payload[1] = (byte) code;
        System.arraycopy(words, 0, payload, 2, words.length);
        return new Frame(CLOSE, payload);
    }

    /** Bytes on the wire, head included. */
    public int size() {
        return wire.length;
    }

    byte[] wire() {
        return wire;
    }
}
