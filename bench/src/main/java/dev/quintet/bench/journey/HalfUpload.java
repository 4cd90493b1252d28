package dev.quintet.bench.journey;

import io.tus.java.client.ProtocolException;
import io.tus.java.client.TusUploader;
import java.io.IOException;
import java.net.URL;
import java.util.Random;

/** An upload by the stock client that has sent half of one request and then says nothing. */
final class HalfUpload {

    private static final int CHUNK = 100_000;
    private static final int CHUNKS = 60;

    private final Calls calls;
    private final Cast cast;
    private final byte[] bytes = new byte[CHUNK * CHUNKS];
    private final URL url;

    HalfUpload(Calls calls, Cast cast, Random content) throws IOException, ProtocolException {
        this.calls = calls;
        this.cast = cast;
        content.nextBytes(bytes);
        TusUploader uploader =
                Uploads.client(calls, cast.adasToken()).createUpload(Uploads.of(bytes));
        this.url = uploader.getUploadURL();
        uploader.setRequestPayloadSize(bytes.length);
        uploader.setChunkSize(CHUNK);
        for (int sent = 0; sent < CHUNKS / 2; sent++) {
            uploader.uploadChunk();
        }
    }

    /** Goes on where the server says that it is, and reads the whole back; gives where that was. */
    long resume() throws Exception {
        String token = cast.adasToken();
        TusUploader uploader =
                Uploads.client(calls, token).beginOrResumeUploadFromURL(Uploads.of(bytes), url);
        long from = uploader.getOffset();
        // What was under way in the sockets may be lost, what the server had taken is not.
        if (from > bytes.length / 2 || from < bytes.length / 4) {
            calls.wrong(
                    "files: %d bytes are said to be there of %d that were sent"
                            .formatted(from, bytes.length / 2));
        }
        Uploads.finish(uploader);
        Uploads.requireSame(calls, token, url.toString(), bytes);
        return from;
    }
}
