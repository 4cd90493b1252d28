package dev.quintet.files.s3;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import java.util.Locale;
import java.util.Optional;
import java.util.zip.CRC32;
import java.util.zip.CRC32C;
import java.util.zip.Checksum;

/** The checksums that S3 clients send and ask back ("Checking object integrity"). */
enum ChecksumAlgorithm {
    CRC32(4),
    CRC32C(4),
    CRC64NVME(8),
    SHA1(20),
    SHA256(32);

    private final int bytes;

    ChecksumAlgorithm(int bytes) {
        this.bytes = bytes;
    }

    /** A checksum in the making. */
    interface Sum {
        void update(byte[] bytes, int offset, int length);

        byte[] value();
    }

    static Optional<ChecksumAlgorithm> ofHeader(String name) {
        return Arrays.stream(values()).filter(each -> each.header().equals(name)).findFirst();
    }

    String header() {
        return "x-amz-checksum-" + name().toLowerCase(Locale.ROOT);
    }

    int bytes() {
        return bytes;
    }

    /** Whether a value is what this algorithm makes of an empty body. */
    boolean isOfNothing(String value) {
        return Base64.getEncoder().encodeToString(start().value()).equals(value);
    }

    Sum start() {
        return switch (this) {
            case CRC32 -> ofChecksum(new CRC32(), bytes);
            case CRC32C -> ofChecksum(new CRC32C(), bytes);
            case CRC64NVME -> ofChecksum(new Crc64Nvme(), bytes);
            case SHA1 -> ofDigest("SHA-1");
            case SHA256 -> ofDigest("SHA-256");
        };
    }

    static Sum md5() {
        return ofDigest("MD5");
    }

    private static Sum ofChecksum(Checksum checksum, int bytes) {
        return new Sum() {
            @Override
            public void update(byte[] data, int offset, int length) {
                checksum.update(data, offset, length);
            }

            @Override
            public byte[] value() {
                ByteBuffer whole = ByteBuffer.allocate(8).putLong(checksum.getValue());
                return Arrays.copyOfRange(whole.array(), 8 - bytes, 8);
            }
        };
    }

    private static Sum ofDigest(String name) {
        MessageDigest digest = digest(name);
        return new Sum() {
            @Override
            public void update(byte[] data, int offset, int length) {
                digest.update(data, offset, length);
            }

            @Override
            public byte[] value() {
                return digest.digest();
            }
        };
    }

    private static MessageDigest digest(String name) {
        try {
            return MessageDigest.getInstance(name);
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(name + " is part of every JDK", impossible);
        }
    }
}
