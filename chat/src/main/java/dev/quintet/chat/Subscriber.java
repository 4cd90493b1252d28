package dev.quintet.chat;

import java.time.Instant;
import java.util.UUID;

/**
 * One socket as the rooms see it. Only {@link #ready} waits; the order of a room is held around
 * {@link #deliver}.
 */
public interface Subscriber {

    UUID person();

    UUID organisation();

    /** When its client last gave a sign of life: a command, or an answer to a ping. */
    Instant lastHeard();

    /** The next message of a room it sits in. False when it takes no more and leaves every room. */
    boolean deliver(Delivery delivery);

    /** Waits until much more can be delivered. False when it takes no more. */
    boolean ready();

    /** Became a member: may take a seat in the room. */
    void added(UUID room);

    /** Is no member any more, and has been taken from the room. */
    void removed(UUID room);

    /** Its person is gone, or its credential revoked: the connection ends. */
    void expelled();
}
