package dev.quintet.chat.centrifugo;

import java.util.List;

/** One form of the protocol: how a frame becomes commands, and a reply bytes. Stateless. */
interface Wire {

    /** Whether its frames are WebSocket text frames. */
    boolean text();

    /** The commands of one frame, at least one. */
    List<Command> read(byte[] frame) throws Malformed;

    /** One reply as a frame of its own. */
    byte[] write(Reply reply);
}
