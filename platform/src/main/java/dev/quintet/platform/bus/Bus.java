package dev.quintet.platform.bus;

import java.util.function.Consumer;

/** Tells every node, this one included, that something may be worth a look. May lose anything. */
public interface Bus extends AutoCloseable {

    /** The longest payload. */
    int LONGEST = 4_000;

    /** Returns at once; a full queue drops the hint. */
    void publish(String topic, byte[] payload);

    /**
     * Lets {@code listener} see the hints on one topic until the subscription is closed. It is
     * called on the bus's threads and must not block.
     */
    Subscription subscribe(String topic, Consumer<byte[]> listener);

    @Override
    void close();

    /** A listener's stay on a topic. */
    interface Subscription extends AutoCloseable {

        @Override
        void close();
    }
}
