package dev.quintet.platform.http;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** An answer: status, headers, and one kind of body. Immutable. */
public final class Response {

    /** A header field as it goes out; a name may come more than once. */
    public record Header(String name, String value) {

        public Header {
            if (name.isEmpty() || !clean(name) || !clean(value)) {
                throw new IllegalArgumentException("a header holds no control characters: " + name);
            }
        }

        private static boolean clean(String text) {
            return text.chars().allMatch(c -> (c >= 0x20 && c != 0x7f && c <= 0xff) || c == '\t');
        }
    }

    /** What follows the head. */
    public sealed interface Body {

        record Empty() implements Body {}

        record Bytes(ByteBuffer bytes) implements Body {}

        /** A record, map or list that is written as JSON. */
        record Json(Object value) implements Body {}

        /** Bytes that come one after another, as fast as the client takes them. */
        record Stream(OptionalLong length, Writer writer) implements Body {}

        /** Something with a length of which a client may ask a part. */
        record Ranged(Content content) implements Body {}

        /** Server-sent events until the writer returns or the client leaves. */
        record Events(EventWriter writer) implements Body {}
    }

    /** Writes a body; a write blocks while the client lags and fails when it is gone. */
    @FunctionalInterface
    public interface Writer {
        void write(OutputStream out) throws IOException;
    }

    /** Tells events as they happen, on the request's own thread. */
    @FunctionalInterface
    public interface EventWriter {
        void write(EventStream events) throws IOException;
    }

    private final int status;
    private final List<Header> headers;
    private final Body body;

    private Response(int status, List<Header> headers, Body body) {
        this.status = status;
        this.headers = headers;
        this.body = body;
    }

    public static Response json(Object value) {
        return json(200, value);
    }

    public static Response json(int status, Object value) {
        return new Response(status, type("application/json"), new Body.Json(value));
    }

    public static Response created(Object value) {
        return json(201, value);
    }

    public static Response empty(int status) {
        return new Response(status, List.of(), new Body.Empty());
    }

    public static Response text(String text) {
        return bytes("text/plain; charset=utf-8", text.getBytes(StandardCharsets.UTF_8));
    }

    public static Response html(String page) {
        return bytes("text/html; charset=utf-8", page.getBytes(StandardCharsets.UTF_8));
    }

    public static Response bytes(String type, byte[] bytes) {
        return new Response(200, type(type), new Body.Bytes(ByteBuffer.wrap(bytes)));
    }

    public static Response stream(String type, OptionalLong length, Writer writer) {
        return new Response(200, type(type), new Body.Stream(length, writer));
    }

    /** The content, or the part of it that the request asks for (RFC 9110 section 14). */
    public static Response ranged(Content content) {
        return new Response(200, type(content.type()), new Body.Ranged(content));
    }

    /** The header keeps nginx and its kin from holding events back until a buffer is full. */
    public static Response events(EventWriter writer) {
        return new Response(200, type("text/event-stream"), new Body.Events(writer))
                .header("Cache-Control", "no-store")
                .header("X-Accel-Buffering", "no");
    }

    public Response status(int other) {
        return new Response(other, headers, body);
    }

    /** Adds a header; a name that is already there comes twice. */
    public Response header(String name, String value) {
        List<Header> more = new ArrayList<>(headers);
        more.add(new Header(name, value));
        return new Response(status, List.copyOf(more), body);
    }

    /** A strong entity tag; {@code If-None-Match} is answered with 304 by the door. */
    public Response etag(String tag) {
        return header("ETag", '"' + tag + '"');
    }

    public Response cookie(Cookie cookie) {
        return header("Set-Cookie", cookie.render());
    }

    public int status() {
        return status;
    }

    public List<Header> headers() {
        return headers;
    }

    public Optional<String> header(String name) {
        return headers.stream()
                .filter(header -> header.name().equalsIgnoreCase(name))
                .map(Header::value)
                .findFirst();
    }

    public Body body() {
        return body;
    }

    Response body(Body other) {
        return new Response(status, headers, other);
    }

    private static List<Header> type(String type) {
        return List.of(new Header("Content-Type", type));
    }
}
