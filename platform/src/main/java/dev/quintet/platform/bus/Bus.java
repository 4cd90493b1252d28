package dev.quintet.platform.bus;

public interface Bus {
    void publish(String topic, byte[] hint);

    void subscribe(String topic, java.util.function.Consumer<byte[]> listener);
}
