package dev.quintet.files.s3;

import static dev.quintet.files.s3.S3Refusal.INCOMPLETE_BODY;
import static dev.quintet.files.s3.S3Refusal.INVALID_REQUEST;
import static dev.quintet.files.s3.S3Refusal.MALFORMED_TRAILER;
import static dev.quintet.files.s3.S3Refusal.SIGNATURE_DOES_NOT_MATCH;

import dev.quintet.platform.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Takes an aws-chunked body apart ("Transferring Payload in Multiple Chunks", "Including Trailing
 * Headers"). Each chunk's signature is checked before the next chunk is read, and the end of the
 * stream is reached only behind a whole and well-signed body.
 */
final class ChunkedStream extends InputStream {

    private static final int LONGEST_LINE = 1024;
    private static final int MOST_TRAILERS = 8;
    private static final Pattern SIZE =
            Pattern.compile("([0-9a-fA-F]{1,8})(?:;chunk-signature=([0-9a-f]{64}))?");

    private final InputStream wire;
    private final Optional<PayloadRule.SignedChunks> signed;
    private final boolean trailer;
    private final Map<String, String> trailers = new LinkedHashMap<>();
    // Of signed chunks only: a hash that nobody asks for is a fifth of a PUT's processor time.
    private final Optional<MessageDigest> chunkHash;

    private String previous;
    private String expectedChunk = "";
    private long left;
    private boolean ended;

    private ChunkedStream(
            InputStream wire, Optional<PayloadRule.SignedChunks> signed, boolean trailer) {
        this.wire = wire;
        this.signed = signed;
        this.trailer = trailer;
        this.chunkHash = signed.map(rule -> Sha256.begin());
        this.previous = signed.map(PayloadRule.SignedChunks::seed).orElse("");
    }

    static ChunkedStream signed(InputStream wire, PayloadRule.SignedChunks rule) {
        return new ChunkedStream(wire, Optional.of(rule), rule.trailer());
    }

    static ChunkedStream unsigned(InputStream wire) {
        return new ChunkedStream(wire, Optional.empty(), true);
    }

    /** The trailing headers; complete at the end of the stream. */
    Map<String, String> trailers() {
        return trailers;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        if (left == 0 && !ended) {
            nextChunk();
        }
        if (ended) {
            return -1;
        }
        int read = wire.read(target, offset, (int) Math.min(length, left));
        if (read < 0) {
            throw INCOMPLETE_BODY.because("the body ended inside a chunk");
        }
        if (chunkHash.isPresent()) {
            chunkHash.get().update(target, offset, read);
        }
        left -= read;
        if (left == 0) {
            endOfLine();
            checkChunk();
        }
        return read;
    }

    /** Closing wakes whoever waits for the wire. */
    @Override
    public void close() throws IOException {
        wire.close();
    }

    private void nextChunk() throws IOException {
        Matcher line = SIZE.matcher(line());
        if (!line.matches() || (line.group(2) != null) != signed.isPresent()) {
            throw INVALID_REQUEST.because("A chunk of the aws-chunked body does not begin as one");
        }
        left = Long.parseLong(line.group(1), 16);
        if (signed.isPresent()) {
            expectedChunk = line.group(2);
        }
        if (left == 0) {
            checkChunk();
            finish();
        }
    }

    private void checkChunk() {
        if (signed.isEmpty() || chunkHash.isEmpty()) {
            return;
        }
        PayloadRule.SignedChunks rule = signed.get();
        String hash = HexFormat.of().formatHex(chunkHash.get().digest());
        String right = rule.key().signChunk(rule.time(), previous, hash);
        if (!SigningKey.same(right, expectedChunk)) {
            throw SIGNATURE_DOES_NOT_MATCH.because();
        }
        previous = right;
    }

    /** Behind the last chunk: trailing headers if announced, an empty line, and nothing more. */
    private void finish() throws IOException {
        String signature = "";
        for (String line = line(); !line.isEmpty(); line = line()) {
            int border = line.indexOf(':');
            if (!trailer || border < 1 || trailers.size() == MOST_TRAILERS) {
                throw MALFORMED_TRAILER.because("at most 8 lines 'name:value', if announced");
            }
            String name = line.substring(0, border).strip().toLowerCase(Locale.ROOT);
            String value = line.substring(border + 1).strip();
            if (name.equals("x-amz-trailer-signature")) {
                signature = value;
            } else if (!signature.isEmpty() || trailers.put(name, value) != null) {
                throw MALFORMED_TRAILER.because("a name came twice, or behind the signature");
            }
        }
        if (signed.isPresent() && trailer) {
            checkTrailer(signed.get(), signature);
        }
        if (wire.read() >= 0) {
            throw INVALID_REQUEST.because("There are bytes behind the end of the aws-chunked body");
        }
        ended = true;
    }

    private void checkTrailer(PayloadRule.SignedChunks rule, String signature) {
        StringBuilder text = new StringBuilder();
        trailers.forEach((name, value) -> text.append(name).append(':').append(value).append('\n'));
        String hash = SigningKey.hex(text.toString().getBytes(StandardCharsets.UTF_8));
        if (!SigningKey.same(rule.key().signTrailer(rule.time(), previous, hash), signature)) {
            throw SIGNATURE_DOES_NOT_MATCH.because();
        }
    }

    private void endOfLine() throws IOException {
        if (wire.read() != '\r' || wire.read() != '\n') {
            throw INCOMPLETE_BODY.because("a chunk is longer or shorter than it says");
        }
    }

    private String line() throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = wire.read(); c != '\r'; c = wire.read()) {
            if (c < 0) {
                throw INCOMPLETE_BODY.because("the body ended before its last chunk");
            }
            if (c < 0x20 || c > 0x7e || line.length() == LONGEST_LINE) {
                throw INVALID_REQUEST.because("A line of the aws-chunked body is not well-formed");
            }
            line.append((char) c);
        }
        if (wire.read() != '\n') {
            throw INVALID_REQUEST.because("A line of the aws-chunked body is not well-formed");
        }
        return line.toString();
    }
}
