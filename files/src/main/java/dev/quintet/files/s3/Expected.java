package dev.quintet.files.s3;

import static dev.quintet.files.s3.S3Refusal.INVALID_ARGUMENT;
import static dev.quintet.files.s3.S3Refusal.INVALID_DIGEST;
import static dev.quintet.files.s3.S3Refusal.INVALID_REQUEST;
import static dev.quintet.files.s3.S3Refusal.MISSING_CONTENT_LENGTH;

import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/**
 * What a body's sender says of the object's bytes beforehand.
 *
 * @param checksum the algorithm, and its value if that is known before the trailer
 */
record Expected(long length, Optional<byte[]> md5, Optional<Announced> checksum) {

    /** A checksum that comes in a header, or will come in a trailer. */
    record Announced(ChecksumAlgorithm algorithm, Optional<byte[]> value) {}

    static Expected of(WireRequest wire, PayloadRule rule) {
        return new Expected(
                length(wire, rule),
                wire.header("content-md5").map(text -> decode("Content-MD5", text, 16)),
                checksum(wire, rule));
    }

    static byte[] decode(String name, String text, int bytes) {
        try {
            byte[] value = Base64.getDecoder().decode(text);
            if (value.length == bytes) {
                return value;
            }
        } catch (IllegalArgumentException notBase64) {
            // refused below
        }
        throw INVALID_DIGEST.because(name + " must be base64 of " + bytes + " bytes");
    }

    private static long length(WireRequest wire, PayloadRule rule) {
        return switch (rule) {
            case PayloadRule.Plain plain -> length(wire, "content-length");
            case PayloadRule.Hashed hashed -> length(wire, "content-length");
            case PayloadRule.SignedChunks chunks -> length(wire, "x-amz-decoded-content-length");
            case PayloadRule.UnsignedChunks chunks -> length(wire, "x-amz-decoded-content-length");
        };
    }

    private static long length(WireRequest wire, String header) {
        String text = wire.header(header).orElseThrow(MISSING_CONTENT_LENGTH::because);
        if (!text.matches("[0-9]{1,18}")) {
            throw INVALID_ARGUMENT.because(header + " must be a number of bytes");
        }
        return Long.parseLong(text);
    }

    private static Optional<Announced> checksum(WireRequest wire, PayloadRule rule) {
        List<Announced> all = new ArrayList<>();
        for (ChecksumAlgorithm algorithm : ChecksumAlgorithm.values()) {
            wire.header(algorithm.header())
                    .map(text -> decode(algorithm.header(), text, algorithm.bytes()))
                    .ifPresent(value -> all.add(new Announced(algorithm, Optional.of(value))));
        }
        wire.header("x-amz-trailer")
                .ifPresent(name -> all.add(new Announced(inTrailer(name, rule), Optional.empty())));
        if (all.size() > 1) {
            throw INVALID_REQUEST.because("Expecting a single x-amz-checksum- header or trailer");
        }
        return all.stream().findFirst();
    }

    private static ChecksumAlgorithm inTrailer(String name, PayloadRule rule) {
        boolean takes =
                switch (rule) {
                    case PayloadRule.Plain plain -> false;
                    case PayloadRule.Hashed hashed -> false;
                    case PayloadRule.SignedChunks chunks -> chunks.trailer();
                    case PayloadRule.UnsignedChunks chunks -> true;
                };
        if (!takes) {
            throw INVALID_REQUEST.because(
                    "x-amz-trailer needs an x-amz-content-sha256 that ends with -TRAILER");
        }
        return ChecksumAlgorithm.ofHeader(name.strip().toLowerCase(java.util.Locale.ROOT))
                .orElseThrow(() ->
                        INVALID_REQUEST.because(
                                "The value of x-amz-trailer must name one x-amz-checksum-"
                                        + " header"));
    }
}
