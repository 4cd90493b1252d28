package dev.quintet.chat;

import dev.quintet.platform.bus.Bus;
import java.util.Random;
import java.util.function.Consumer;

/** One node's bus, on which three of ten hints never arrive. */
final class LossyBus implements Bus {

    private final Bus inner;
    private final Random chance;

    LossyBus(Bus inner, long seed) {
        this.inner = inner;
        this.chance = new Random(seed);
    }

    @Override
    public void publish(String topic, byte[] payload) {
        inner.publish(topic, payload);
    }

    @Override
    public Subscription subscribe(String topic, Consumer<byte[]> listener) {
        return inner.subscribe(
                topic,
                payload -> {
                    if (!lost()) {
                        listener.accept(payload);
                    }
                });
    }

    private synchronized boolean lost() {
        return chance.nextInt(10) < 3;
    }

    @Override
    public void close() {
        inner.close();
    }
}
