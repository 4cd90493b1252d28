package dev.quintet.platform.bus;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The bus inside one process: calls the listeners on the publisher's thread. */
public final class LocalBus implements Bus {

    private static final Logger LOG = LoggerFactory.getLogger(LocalBus.class);

    private final Map<String, List<Consumer<byte[]>>> listeners = new ConcurrentHashMap<>();

    @Override
    public void publish(String topic, byte[] payload) {
        if (payload.length > LONGEST) {
            throw new IllegalArgumentException(
                    "a hint on %s has %d bytes, more than %d"
                            .formatted(topic, payload.length, LONGEST));
        }
        for (Consumer<byte[]> listener : listeners.getOrDefault(topic, List.of())) {
            try {
                listener.accept(payload);
            } catch (RuntimeException failure) {
                LOG.warn("a listener on {} failed", topic, failure);
            }
        }
    }

    @Override
    public Subscription subscribe(String topic, Consumer<byte[]> listener) {
        List<Consumer<byte[]>> here =
                listeners.computeIfAbsent(topic, first -> new CopyOnWriteArrayList<>());
        here.add(listener);
        return () -> here.remove(listener);
    }

    @Override
    public void close() {
        listeners.clear();
    }
}
