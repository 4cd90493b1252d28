package dev.quintet.platform.keys;

import dev.quintet.platform.StartRefused;
import dev.quintet.platform.disk.Disk;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Pattern;
import javax.crypto.KDF;
import javax.crypto.SecretKey;
import javax.crypto.spec.HKDFParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/** The 32 secret bytes from which all other keys are derived (HKDF-SHA256, RFC 5869). */
public final class MasterKey {

    private static final int BYTES = 32;
    private static final Pattern HEX = Pattern.compile("[0-9a-fA-F]{64}");

    private final SecretKey root;
    private final int id;

    private MasterKey(byte[] bytes) {
        if (bytes.length != BYTES) {
            throw new StartRefused(
                    "the master key has "
                            + bytes.length
                            + " bytes instead of 32; make one with: openssl rand -base64 32");
        }
        root = extract(bytes);
        byte[] name = derive("key id", 4);
        id =
                (name[0] & 0xFF) << 24
                        | (name[1] & 0xFF) << 16
                        | (name[2] & 0xFF) << 8
                        | (name[3] & 0xFF);
    }

    /**
     * The key of this node: the one set, else the one kept in the data directory, else a new one.
     *
     * @param setting {@code security.masterKey}
     * @param mayMake only for a database that is made in this start: nothing is sealed in it yet
     */
    public static MasterKey of(
            Optional<String> setting, Disk disk, Path kept, boolean mayMake, SecureRandom random) {
        if (setting.isPresent()) {
            return parse(setting.get());
        }
        if (disk.exists(kept)) {
            return read(disk, kept);
        }
        if (!mayMake) {
            throw new StartRefused(
                    "there is no master key for this database; give this node the one of its other"
                            + " nodes by QUINTET_SECURITY_MASTER_KEY or "
                            + kept
                            + ", or, for a new database, make one with: openssl rand -base64 32");
        }
        return make(disk, kept, random);
    }

    /** Reads a key from text: 64 hex digits, or base64 of 32 bytes with or without padding. */
    public static MasterKey parse(String text) {
        String stripped = text.strip();
        if (HEX.matcher(stripped).matches()) {
            return new MasterKey(HexFormat.of().parseHex(stripped));
        }
        try {
            String standard = stripped.replace('-', '+').replace('_', '/');
            return new MasterKey(Base64.getDecoder().decode(standard));
        } catch (IllegalArgumentException notBase64) {
            // The text is a secret, right or wrong: it does not appear in the message.
            throw new StartRefused(
                    "the master key is neither 64 hex digits nor base64 of 32 bytes; make one with:"
                            + " openssl rand -base64 32");
        }
    }

    /** Reads a key from a file that holds such a text. */
    public static MasterKey read(Disk disk, Path file) {
        if (!disk.exists(file)) {
            throw new StartRefused(
                    "there is no master key at "
                            + file
                            + "; restore that file, or set QUINTET_SECURITY_MASTER_KEY");
        }
        return parse(new String(disk.read(file), StandardCharsets.US_ASCII));
    }

    /** Makes a new key and keeps it in {@code file}, durable before it is used. */
    public static MasterKey make(Disk disk, Path file, SecureRandom random) {
        if (disk.exists(file)) {
            throw new IllegalStateException(file + " exists: a master key is never overwritten");
        }
        byte[] bytes = new byte[BYTES];
        random.nextBytes(bytes);
        String text = Base64.getEncoder().encodeToString(bytes) + "\n";
        disk.replace(file, text.getBytes(StandardCharsets.US_ASCII));
        return new MasterKey(bytes);
    }

    /** Names this key in what it seals; tells nothing about it. */
    int id() {
        return id;
    }

    byte[] derive(String purpose, int length) {
        return derive(purpose.getBytes(StandardCharsets.UTF_8), length);
    }

    byte[] derive(byte[] purpose, int length) {
        try {
            return KDF.getInstance("HKDF-SHA256")
                    .deriveData(HKDFParameterSpec.expandOnly(root, purpose, length));
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException("HKDF-SHA256 is part of every JDK 25", impossible);
        }
    }

    private static SecretKey extract(byte[] bytes) {
        try {
            HKDFParameterSpec.Extract extract =
                    HKDFParameterSpec.ofExtract()
                            .addSalt("quintet".getBytes(StandardCharsets.US_ASCII))
                            .addIKM(bytes)
                            .extractOnly();
            byte[] pseudorandom = KDF.getInstance("HKDF-SHA256").deriveData(extract);
            return new SecretKeySpec(pseudorandom, "HKDF-PRK");
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException("HKDF-SHA256 is part of every JDK 25", impossible);
        }
    }

    @Override
    public String toString() {
        return "MasterKey[%08x]".formatted(id);
    }
}
