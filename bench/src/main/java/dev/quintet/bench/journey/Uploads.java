package dev.quintet.bench.journey;

import io.tus.java.client.ProtocolException;
import io.tus.java.client.TusClient;
import io.tus.java.client.TusUpload;
import io.tus.java.client.TusUploader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URL;
import java.net.http.HttpRequest;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;

/**
 * files: the stock tus client uploads small files in three requests each, and resumes what breaks.
 * Every file that was told to be whole must be read back byte by byte.
 */
final class Uploads implements Actor {

    private static final int REQUEST = 24 * 1024;
    private static final int SIZE = 2 * REQUEST + 1000;

    private static final Set<Integer> ASK_AGAIN = Set.of(409, 423);

    private final Calls calls;
    private final Tally tally;
    private final Cast cast;
    private final Random content;
    private final Map<String, byte[]> whole = new LinkedHashMap<>();

    Uploads(Cast cast, Tally tally, Random content) {
        this.calls = cast.calls();
        this.tally = tally;
        this.cast = cast;
        this.content = content;
    }

    @Override
    public void act() {
        byte[] bytes = new byte[SIZE];
        content.nextBytes(bytes);
        AtomicReference<Optional<URL>> begun = new AtomicReference<>(Optional.empty());
        URL url =
                calls.untilAnswered(
                        tally,
                        "upload",
                        () -> {
                            try {
                                return upload(bytes, begun);
                            } catch (ProtocolException refused) {
                                throw notNow(refused);
                            }
                        });
        whole.put(url.toString(), bytes);
        tally.acknowledge();
    }

    /**
     * As the client asks where the upload stands, the server may still store what came with the cut
     * request: 409 and 423 are told to ask again. Any other refusal is wrong, and ends the journey.
     */
    private IOException notNow(ProtocolException refused) throws IOException {
        HttpURLConnection connection = refused.getCausingConnection();
        // None: an answer that the client does not understand.
        int status = connection == null ? 0 : connection.getResponseCode();
        if (Calls.NOT_NOW.contains(status) || ASK_AGAIN.contains(status)) {
            return new IOException("not now: " + status, refused);
        }
        calls.wrong("files: an upload was refused with " + status + ": " + refused.getMessage());
        throw new IllegalStateException(refused);
    }

    private URL upload(byte[] bytes, AtomicReference<Optional<URL>> begun)
            throws IOException, ProtocolException {
        TusClient client = client(calls, cast.ada().token());
        TusUpload upload = of(bytes);
        TusUploader uploader =
                begun.get().isPresent()
                        ? client.beginOrResumeUploadFromURL(upload, begun.get().get())
                        : client.createUpload(upload);
        begun.set(Optional.of(uploader.getUploadURL()));
        uploader.setRequestPayloadSize(REQUEST);
        finish(uploader);
        return uploader.getUploadURL();
    }

    static TusClient client(Calls calls, String token) throws IOException {
        TusClient client = new TusClient();
        client.setUploadCreationURL(calls.at("/files").toURL());
        client.setHeaders(Map.of("Authorization", "Bearer " + token));
        return client;
    }

    static TusUpload of(byte[] bytes) {
        TusUpload upload = new TusUpload();
        upload.setInputStream(new ByteArrayInputStream(bytes));
        upload.setSize(bytes.length);
        return upload;
    }

    static void finish(TusUploader uploader) throws IOException, ProtocolException {
        uploader.setChunkSize(8 * 1024);
        int sent = uploader.uploadChunk();
        while (sent > -1) {
            sent = uploader.uploadChunk();
        }
        uploader.finish();
    }

    @Override
    public void check() throws Exception {
        String bearer = cast.adasToken();
        for (Map.Entry<String, byte[]> one : whole.entrySet()) {
            requireSame(calls, bearer, one.getKey(), one.getValue());
        }
    }

    static void requireSame(Calls calls, String bearer, String url, byte[] bytes) throws Exception {
        HttpRequest read =
                HttpRequest.newBuilder(URI.create(url))
                        .header("Authorization", "Bearer " + bearer)
                        .build();
        if (!Arrays.equals(calls.bytes(read), bytes)) {
            calls.wrong("files: " + url + " reads back otherwise");
        }
    }
}
