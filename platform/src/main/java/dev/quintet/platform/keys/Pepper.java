package dev.quintet.platform.keys;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.List;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** HMAC-SHA256 for one purpose: what is only compared is stored as this, never as itself. */
public final class Pepper {

    private final List<byte[]> keys;

    /**
     * @param keys the current one first
     */
    Pepper(List<byte[]> keys) {
        this.keys = List.copyOf(keys);
    }

    /** The hash to store. */
    public byte[] hash(byte[] value) {
        return hash(keys.getFirst(), value);
    }

    /** Every hash under which a value may be stored, newest key first: what an index looks up. */
    public List<byte[]> hashes(byte[] value) {
        return keys.stream().map(key -> hash(key, value)).toList();
    }

    /** Compares in constant time. */
    public boolean matches(byte[] value, byte[] stored) {
        boolean found = false;
        for (byte[] key : keys) {
            found |= MessageDigest.isEqual(hash(key, value), stored);
        }
        return found;
    }

    private static byte[] hash(byte[] key, byte[] value) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            return mac.doFinal(value);
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException("HmacSHA256 is part of every JDK", impossible);
        }
    }

    @Override
    public String toString() {
        return "Pepper";
    }
}
