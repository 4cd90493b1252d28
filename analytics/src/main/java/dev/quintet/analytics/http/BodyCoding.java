package dev.quintet.analytics.http;

import static dev.quintet.platform.http.HttpRefusal.WRONG_CONTENT_CODING;

import dev.quintet.analytics.AnalyticsRefusal;
import dev.quintet.platform.DataSize;
import io.airlift.compress.zstd.ZstdInputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.zip.GZIPInputStream;
import java.util.zip.InflaterInputStream;
import org.brotli.dec.BrotliInputStream;

/** How a body may be packed: {@code Content-Encoding} (RFC 9110 section 8.4.1, 7932, 8878). */
enum BodyCoding {
    BR {
        @Override
        InputStream unpacking(InputStream packed) throws IOException {
            return new BrotliInputStream(packed);
        }
    },
    GZIP {
        @Override
        InputStream unpacking(InputStream packed) throws IOException {
            return new GZIPInputStream(packed);
        }
    },
    DEFLATE {
        @Override
        InputStream unpacking(InputStream packed) {
            return new InflaterInputStream(packed);
        }
    },
    ZSTD {
        @Override
        InputStream unpacking(InputStream packed) {
            return new ZstdInputStream(packed);
        }
    };

    private static final Semaphore UNPACKING = new Semaphore(4);

    /** Each costs as much again as a whole body. */
    private static final int MOST = 2;

    abstract InputStream unpacking(InputStream packed) throws IOException;

    /**
     * The body as it was before any coding. A small body can hold a large one: each coding stops
     * one byte behind the limit, and what is larger is refused by whoever reads it.
     */
    static byte[] unpacked(String contentEncoding, byte[] body, DataSize limit) {
        byte[] plain = body;
        // Listed in the order in which they were applied.
        for (BodyCoding coding : named(contentEncoding).reversed()) {
            plain = coding.unpacked(plain, Math.toIntExact(limit.bytes()));
        }
        return plain;
    }

    private static List<BodyCoding> named(String contentEncoding) {
        List<BodyCoding> codings = new ArrayList<>();
        for (String each : contentEncoding.split(",", -1)) {
            String name = each.strip().toLowerCase(Locale.ROOT);
            if (!name.isEmpty() && !name.equals("identity")) {
                codings.add(of(name).orElseThrow(() -> unknown(contentEncoding)));
            }
        }
        if (codings.size() > MOST) {
            throw unknown(contentEncoding);
        }
        return codings;
    }

    private static Optional<BodyCoding> of(String name) {
        // RFC 9110 section 8.4.1.3: x-gzip is the same.
        String known = name.equals("x-gzip") ? "gzip" : name;
        return Arrays.stream(values()).filter(each -> each.wire().equals(known)).findFirst();
    }

    private String wire() {
        return name().toLowerCase(Locale.ROOT);
    }

    private static RuntimeException unknown(String contentEncoding) {
        String shown =
                contentEncoding.length() > 60 ? contentEncoding.substring(0, 60) : contentEncoding;
        return WRONG_CONTENT_CODING
                .because(shown, "br, gzip, deflate or zstd, two of them at most, or as it is")
                .header("Accept-Encoding", "br, gzip, deflate, zstd, identity");
    }

    private byte[] unpacked(byte[] packed, int limit) {
        if (packed.length > limit) {
            throw AnalyticsRefusal.EVENTS_TOO_LARGE.because(new DataSize(limit));
        }
        // A few bytes may ask for a window of 16 MiB (RFC 7932 section 9.1).
        UNPACKING.acquireUninterruptibly();
        try (InputStream plain = unpacking(new ByteArrayInputStream(packed))) {
            return plain.readNBytes(limit + 1);
        } catch (IOException | RuntimeException broken) {
            // The decoders of br and zstd also throw what their inner arrays do.
            throw AnalyticsRefusal.EVENTS_MALFORMED.because(
                    "the " + wire() + " body cannot be unpacked");
        } finally {
            UNPACKING.release();
        }
    }
}
