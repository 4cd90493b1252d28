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

    /** The protocol's {@code uint32}: a number outside of it could not come back as it went in. */
    static long id(long number) throws Malformed {
        if (number < 0 || number > 0xffff_ffffL) {
            throw new Malformed("'id' is not a whole number from 0 to 4294967295");
        }
        return number;
    }
}
