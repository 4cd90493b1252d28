package dev.quintet.auth;

import com.nimbusds.jose.jwk.ECKey;
import java.time.Instant;

/**
 * A key that signs tokens from one moment until the next key takes over. It is published long
 * before, so that no client meets a key id that its copy of the key set lacks.
 */
record SigningKey(ECKey key, Instant activeFrom) {

    String id() {
        return key.getKeyID();
    }
}
