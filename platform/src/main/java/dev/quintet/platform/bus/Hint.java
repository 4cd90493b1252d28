package dev.quintet.platform.bus;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;

/** One message of the bus. Equal ones say the same, so one of them is enough. */
final class Hint {

    private final String topic;
    private final byte[] payload;

    Hint(String topic, byte[] payload) {
        this.topic = topic;
        this.payload = payload;
    }

    String topic() {
        return topic;
    }

    byte[] payload() {
        return payload;
    }

    /** Both parts in base64, which has no space and no line end. */
    String encode() {
        Base64.Encoder base64 = Base64.getEncoder().withoutPadding();
        return base64.encodeToString(topic.getBytes(StandardCharsets.UTF_8))
                + ' '
                + base64.encodeToString(payload);
    }

    static Hint decode(String line) {
        int space = line.indexOf(' ');
        Base64.Decoder base64 = Base64.getDecoder();
        return new Hint(
                new String(base64.decode(line.substring(0, space)), StandardCharsets.UTF_8),
                base64.decode(line.substring(space + 1)));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Hint hint
                && hint.topic.equals(topic)
                && Arrays.equals(hint.payload, payload);
    }

    @Override
    public int hashCode() {
        return 31 * topic.hashCode() + Arrays.hashCode(payload);
    }
}
