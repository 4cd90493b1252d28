package dev.quintet.files.s3;

import static dev.quintet.files.s3.S3Refusal.BAD_DIGEST;
import static dev.quintet.files.s3.S3Refusal.CONTENT_SHA256_MISMATCH;
import static dev.quintet.files.s3.S3Refusal.INCOMPLETE_BODY;
import static dev.quintet.files.s3.S3Refusal.MALFORMED_TRAILER;

import dev.quintet.platform.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;

/**
 * The object's own bytes out of a request's body. Its end is reached only when length, signatures,
 * digests and trailers have agreed; whoever stores from it stores nothing that did not.
 */
final class Payload extends InputStream {

    private final InputStream bytes;
    private final Optional<ChunkedStream> chunks;
    private final Expected expected;
    private final Optional<String> signedHash;
    private final ChecksumAlgorithm.Sum md5 = ChecksumAlgorithm.md5();
    private final Optional<ChecksumAlgorithm.Sum> checksum;
    private final MessageDigest sha256 = Sha256.begin();

    private long count;
    private byte[] md5Value = new byte[0];
    private Optional<String> checksumValue = Optional.empty();

    private Payload(
            InputStream bytes,
            Optional<ChunkedStream> chunks,
            Expected expected,
            Optional<String> signedHash) {
        this.bytes = bytes;
        this.chunks = chunks;
        this.expected = expected;
        this.signedHash = signedHash;
        this.checksum = expected.checksum().map(announced -> announced.algorithm().start());
    }

    static Payload of(InputStream body, PayloadRule rule, Expected expected) {
        return switch (rule) {
            case PayloadRule.Plain plain ->
                    new Payload(body, Optional.empty(), expected, Optional.empty());
            case PayloadRule.Hashed hashed ->
                    new Payload(body, Optional.empty(), expected, Optional.of(hashed.sha256()));
            case PayloadRule.SignedChunks signed ->
                    ofChunks(ChunkedStream.signed(body, signed), expected);
            case PayloadRule.UnsignedChunks unsigned ->
                    ofChunks(ChunkedStream.unsigned(body), expected);
        };
    }

    private static Payload ofChunks(ChunkedStream chunks, Expected expected) {
        return new Payload(chunks, Optional.of(chunks), expected, Optional.empty());
    }

    /** In lower case hex; known at the end of the stream. */
    String md5() {
        return HexFormat.of().formatHex(md5Value);
    }

    /** In base64; known at the end of the stream, if one was announced. */
    Optional<String> checksum() {
        return checksumValue;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        int read = bytes.read(target, offset, length);
        if (read < 0) {
            verify();
            return -1;
        }
        count += read;
        if (count > expected.length()) {
            throw INCOMPLETE_BODY.because("more came than " + expected.length() + " bytes");
        }
        md5.update(target, offset, read);
        checksum.ifPresent(sum -> sum.update(target, offset, read));
        if (signedHash.isPresent()) {
            sha256.update(target, offset, read);
        }
        return read;
    }

    /** Closing wakes whoever waits for the wire. */
    @Override
    public void close() throws IOException {
        bytes.close();
    }

    private void verify() {
        if (count != expected.length()) {
            throw INCOMPLETE_BODY.because(count + " bytes came of " + expected.length());
        }
        String hash = HexFormat.of().formatHex(sha256.digest());
        if (signedHash.isPresent() && !SigningKey.same(hash, signedHash.get())) {
            throw CONTENT_SHA256_MISMATCH.because();
        }
        md5Value = md5.value();
        if (expected.md5().isPresent() && !MessageDigest.isEqual(md5Value, expected.md5().get())) {
            throw BAD_DIGEST.because("Content-MD5");
        }
        if (expected.checksum().isPresent() && checksum.isPresent()) {
            verifyChecksum(expected.checksum().get(), checksum.get().value());
        } else if (chunks.isPresent() && !chunks.get().trailers().isEmpty()) {
            throw MALFORMED_TRAILER.because("it holds what x-amz-trailer did not announce");
        }
    }

    private void verifyChecksum(Expected.Announced announced, byte[] computed) {
        String header = announced.algorithm().header();
        byte[] given = announced.value().orElseGet(() -> fromTrailer(announced.algorithm()));
        if (!MessageDigest.isEqual(computed, given)) {
            throw BAD_DIGEST.because(header);
        }
        checksumValue = Optional.of(Base64.getEncoder().encodeToString(computed));
    }

    private byte[] fromTrailer(ChecksumAlgorithm algorithm) {
        var trailers = chunks.map(ChunkedStream::trailers).orElseThrow();
        String text = trailers.get(algorithm.header());
        if (text == null || trailers.size() > 1) {
            throw MALFORMED_TRAILER.because("x-amz-trailer announced " + algorithm.header());
        }
        return Expected.decode(algorithm.header(), text, algorithm.bytes());
    }
}
