package dev.quintet.notify.channels;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.quintet.platform.config.Secret;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.Base64;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Signs one webhook message by Standard Webhooks v1: HMAC-SHA256 over {@code id.timestamp.body}.
 */
final class StandardWebhook {

    private StandardWebhook() {}

    /**
     * @param secret {@code whsec_} and the key in base64
     */
    static Map<String, String> headers(Secret secret, String id, Instant at, byte[] body) {
        String seconds = Long.toString(at.getEpochSecond());
        try {
            byte[] key = Base64.getDecoder().decode(secret.reveal().substring("whsec_".length()));
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            mac.update((id + '.' + seconds + '.').getBytes(UTF_8));
            String signature = "v1," + Base64.getEncoder().encodeToString(mac.doFinal(body));
            return Map.of(
                    "webhook-id", id, "webhook-timestamp", seconds, "webhook-signature", signature);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has HmacSHA256", e);
        }
    }
}
