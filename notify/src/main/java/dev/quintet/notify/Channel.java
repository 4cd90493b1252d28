package dev.quintet.notify;

/**
 * One way out. An attempt blocks its own virtual thread, ends within the attempt limit, and never
 * throws.
 */
public interface Channel {

    ChannelKind kind();

    /**
     * Tries once. {@code delivery.id()} is the same for every attempt, so that a receiver can tell
     * a repeat from a second message.
     */
    Outcome attempt(Delivery delivery, Message message);
}
