package dev.quintet.platform.keys;

import dev.quintet.platform.StartRefused;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Seals what must be read back and derives keys by purpose. New values use the current master key;
 * older ones still open and still compare, until whoever rotates has rewritten them.
 */
public final class Keys {

    // Sealed value: version, key id, nonce, then AES-256-GCM ciphertext and tag.
    private static final byte VERSION = 1;
    private static final int NONCE = 12;
    private static final int HEAD = 1 + 4 + NONCE;
    private static final int TAG_BITS = 128;

    private final MasterKey current;
    private final List<MasterKey> all;
    private final SecureRandom random;

    /**
     * @param older keys that were current before: they open, but never seal
     */
    public Keys(MasterKey current, List<MasterKey> older, SecureRandom random) {
        this.current = current;
        this.random = random;
        List<MasterKey> keys = new ArrayList<>(List.of(current));
        keys.addAll(older);
        this.all = List.copyOf(keys);
        if (all.stream().mapToInt(MasterKey::id).distinct().count() < all.size()) {
            throw new StartRefused("the same master key is listed twice; list each key once");
        }
    }

    /** A secret for one purpose, e.g. {@code postgres}; the same for every node with this key. */
    public byte[] derive(String purpose, int length) {
        return current.derive("derive " + purpose, length);
    }

    /** Hashes what is only compared (API keys, tokens, request bodies), one key per purpose. */
    public Pepper pepper(String purpose) {
        return new Pepper(all.stream().map(key -> key.derive("pepper " + purpose, 32)).toList());
    }

    /** Seals {@code secret} for one place; sealing it again gives other bytes. */
    public byte[] seal(byte[] secret, Place place) {
        byte[] nonce = new byte[NONCE];
        random.nextBytes(nonce);
        try {
            byte[] sealed = cipher(Cipher.ENCRYPT_MODE, current, nonce, place).doFinal(secret);
            return ByteBuffer.allocate(HEAD + sealed.length)
                    .put(VERSION)
                    .putInt(current.id())
                    .put(nonce)
                    .put(sealed)
                    .array();
        } catch (GeneralSecurityException failure) {
            throw new IllegalStateException("could not seal a value for " + place, failure);
        }
    }

    /** Opens what was sealed for this place; throws {@link NotSealedHere} on anything else. */
    public byte[] open(byte[] sealed, Place place) {
        if (sealed.length < HEAD + TAG_BITS / 8 || sealed[0] != VERSION) {
            throw new NotSealedHere(place, "it is not a sealed value of a version known here");
        }
        MasterKey key = keyOf(sealed, place);
        byte[] nonce = new byte[NONCE];
        ByteBuffer.wrap(sealed).get(HEAD - NONCE, nonce);
        try {
            return cipher(Cipher.DECRYPT_MODE, key, nonce, place)
                    .doFinal(sealed, HEAD, sealed.length - HEAD);
        } catch (AEADBadTagException wrong) {
            throw new NotSealedHere(place, "it was changed, or sealed for another place");
        } catch (GeneralSecurityException failure) {
            throw new IllegalStateException("could not open the value at " + place, failure);
        }
    }

    /** What the database keeps to recognise this key; tells nothing about it. */
    public String check() {
        return check(current);
    }

    /**
     * Refuses to start on a database that another key was used with. An older key's value passes;
     * its owner then stores {@link #check()}.
     */
    public void requireCheck(String stored) {
        byte[] expected = stored.getBytes(StandardCharsets.US_ASCII);
        for (MasterKey key : all) {
            if (MessageDigest.isEqual(check(key).getBytes(StandardCharsets.US_ASCII), expected)) {
                return;
            }
        }
        throw new StartRefused(
                "this node's master key is not the one that this database was used with, so nothing"
                        + " sealed in it would open; give the node the same"
                        + " QUINTET_SECURITY_MASTER_KEY or master.key as its other nodes");
    }

    private MasterKey keyOf(byte[] sealed, Place place) {
        int id = ByteBuffer.wrap(sealed).getInt(1);
        return all.stream()
                .filter(key -> key.id() == id)
                .findFirst()
                .orElseThrow(() ->
                        new NotSealedHere(
                                place,
                                "it was sealed by master key %08x, which this node does not have"
                                        .formatted(id)));
    }

    // Each place has its own AES key, so that random nonces never come near their limit of 2^32.
    private static Cipher cipher(int mode, MasterKey key, byte[] nonce, Place place)
            throws GeneralSecurityException {
        byte[] where = place.bytes();
        byte[] label = "seal ".getBytes(StandardCharsets.US_ASCII);
        byte[] purpose =
                ByteBuffer.allocate(label.length + where.length).put(label).put(where).array();
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(
                mode,
                new SecretKeySpec(key.derive(purpose, 32), "AES"),
                new GCMParameterSpec(TAG_BITS, nonce));
        cipher.updateAAD(where);
        return cipher;
    }

    private static String check(MasterKey key) {
        return HexFormat.of().formatHex(key.derive("check value", 16));
    }

    @Override
    public String toString() {
        return "Keys" + all;
    }
}
