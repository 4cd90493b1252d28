package dev.quintet.bench;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.quintet.platform.http.Json;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/**
 * One kept HTTP/1.1 connection, as cheap as a client can be, because it shares the processors with
 * the server that it measures. One thread at a time.
 */
public final class Wire implements AutoCloseable {

    private final Socket socket;
    private final InputStream in;
    private final OutputStream out;
    private final byte[] buffer = new byte[64 * 1024];
    private int at;
    private int end;

    /**
     * @param headers names in lower case; those of the same name on lines of their own
     */
    public record Answer(int status, Map<String, String> headers, String body) {

        /** This answer, when the status is the wanted one. */
        public Answer require(int wanted) {
            if (status != wanted) {
                throw new IllegalStateException(
                        "wanted " + wanted + ", got " + status + ": " + body);
            }
            return this;
        }

        public JsonNode json() {
            return Json.tree(body.getBytes(UTF_8));
        }
    }

    /** Takes a body as it comes. */
    interface Sink {
        void take(byte[] bytes, int from, int length) throws IOException;
    }

    public Wire(URI server) {
        this(server, new Socket());
    }

    private Wire(URI server, Socket socket) {
        this.socket = socket;
        try {
            socket.connect(new InetSocketAddress(server.getHost(), server.getPort()));
            socket.setTcpNoDelay(true);
            in = socket.getInputStream();
            out = socket.getOutputStream();
        } catch (IOException refused) {
            throw new UncheckedIOException("no connection to " + server, refused);
        }
    }

    /** A connection that comes from a certain address of this machine. */
    static Wire from(String address, URI server) {
        try {
            Socket socket = new Socket();
            socket.bind(new InetSocketAddress(address, 0));
            return new Wire(server, socket);
        } catch (IOException notOurs) {
            throw new UncheckedIOException("no connection from " + address, notOurs);
        }
    }

    /** A request as it goes over the wire; may be sent any number of times. */
    static byte[] request(String method, String path, Map<String, String> headers, byte[] body) {
        byte[] head = head(method, path, headers, body.length);
        byte[] whole = new byte[head.length + body.length];
        System.arraycopy(head, 0, whole, 0, head.length);
        System.arraycopy(body, 0, whole, head.length, body.length);
        return whole;
    }

    static byte[] head(String method, String path, Map<String, String> headers, long length) {
        StringBuilder head =
                new StringBuilder(method + " " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\n");
        headers.forEach((name, value) -> head.append(name + ": " + value + "\r\n"));
        if (length > 0 || !method.equals("GET")) {
            head.append("Content-Length: " + length + "\r\n");
        }
        return head.append("\r\n").toString().getBytes(US_ASCII);
    }

    /** Asks with a JSON body (none when empty) and a bearer's credential. */
    public Answer ask(String bearer, String method, String path, String json) {
        Map<String, String> headers = new HashMap<>();
        headers.put("Authorization", "Bearer " + bearer);
        if (!json.isEmpty()) {
            headers.put("Content-Type", "application/json");
        }
        return exchange(request(method, path, headers, json.getBytes(UTF_8)));
    }

    Answer exchange(byte[] request) {
        ByteArrayOutputStream body = new ByteArrayOutputStream(512);
        return exchange(request, body::write).with(body);
    }

    /** Sends the request and gives the body of its answer to the sink. */
    Streamed exchange(byte[] request, Sink sink) {
        try {
            out.write(request);
            return receive(sink);
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        }
    }

    /** Raw bytes, for a body that is written piece by piece. */
    OutputStream out() {
        return out;
    }

    record Streamed(int status, Map<String, String> headers) {

        Answer with(ByteArrayOutputStream body) {
            return new Answer(status, headers, body.toString(UTF_8));
        }
    }

    Streamed receive(Sink sink) throws IOException {
        String first = line();
        int status = Integer.parseInt(first.substring(9, 12));
        Map<String, String> headers = new HashMap<>();
        for (String line = line(); !line.isEmpty(); line = line()) {
            int colon = line.indexOf(':');
            headers.merge(
                    line.substring(0, colon).toLowerCase(Locale.ROOT),
                    line.substring(colon + 1).strip(),
                    (one, more) -> one + "\n" + more);
        }
        if (status >= 100 && status < 200 && status != 101) {
            return receive(sink);
        }
        if ("chunked".equals(headers.get("transfer-encoding"))) {
            for (long size = chunk(); size > 0; size = chunk()) {
                body(size, sink);
                line();
            }
            line();
        } else {
            body(Long.parseLong(headers.getOrDefault("content-length", "0")), sink);
        }
        return new Streamed(status, headers);
    }

    private long chunk() throws IOException {
        String size = line();
        int extension = size.indexOf(';');
        return Long.parseLong(extension < 0 ? size : size.substring(0, extension), 16);
    }

    private void body(long length, Sink sink) throws IOException {
        for (long left = length; left > 0; ) {
            if (at == end) {
                fill();
            }
            int piece = (int) Math.min(left, end - at);
            sink.take(buffer, at, piece);
            at += piece;
            left -= piece;
        }
    }

    private String line() throws IOException {
        StringBuilder line = new StringBuilder(64);
        while (true) {
            for (int from = at; at < end; at++) {
                if (buffer[at] == '\n') {
                    line.append(new String(buffer, from, at++ - from, ISO_8859_1));
                    return line.substring(0, line.length() - 1);
                }
                if (at == end - 1) {
                    line.append(new String(buffer, from, end - from, ISO_8859_1));
                }
            }
            fill();
        }
    }

    private void fill() throws IOException {
        at = 0;
        end = Math.max(0, in.read(buffer));
        if (end == 0) {
            throw new EOFException("the server closed the connection");
        }
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException alreadyBroken) {
            throw new UncheckedIOException(alreadyBroken);
        }
    }
}
