package dev.quintet.bench;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.time.Instant;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Events of one exact size, each with an id of its own. Only the ids are written for each request:
 * whoever makes the load shares the processors with the server.
 */
final class EventShape {

    /** The sizes, in bytes of JSON. */
    enum Size {
        /** As a library in a web page sends it: page, referrer, user agent. */
        PAGE(766),
        /** As a back end sends it. */
        PLAIN(361);

        final int bytes;

        Size(int bytes) {
            this.bytes = bytes;
        }
    }

    private static final int DIGITS = 20;
    private static final String NUMBER = "0".repeat(DIGITS);
    private static final int PEOPLE = 5000;
    private static final byte[] START = "{\"batch\":[".getBytes(US_ASCII);

    private final byte[] event;
    private final int id;
    private final int user;
    private final AtomicLong next = new AtomicLong();

    EventShape(Size size) {
        String start =
                "{\"type\":\"track\",\"event\":\"product viewed\",\"messageId\":\""
                        + NUMBER
                        + "\",\"userId\":\"person-"
                        + NUMBER
                        + "\",\"timestamp\":\""
                        + Instant.now().toString().substring(0, 23)
                        + "Z\",\"properties\":{\"sku\":\"A-17\",\"price\":19.95,\"currency\":\"EUR\",\"category\":\"";
        String end =
                "\"},\"context\":{\"ip\":\"203.0.113.7\",\"locale\":\"de-DE\""
                        + switch (size) {
                            case PLAIN -> "";
                            case PAGE ->
                                    ",\"userAgent\":\"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36\",\"page\":{\"path\":\"/books/a-17\",\"title\":\"A book\",\"url\":\"https://shop.example/books/a-17?from=start\",\"referrer\":\"https://shop.example/\"},\"library\":{\"name\":\"analytics.js\",\"version\":\"npm:next-1.81.0\"}";
                        }
                        + "}}";
        String middle = words(size.bytes - start.length() - end.length());
        this.event = (start + middle + end).getBytes(US_ASCII);
        this.id = start.indexOf(NUMBER);
        this.user = start.indexOf(NUMBER, id + DIGITS);
    }

    private static String words(int length) {
        return "books and papers of all times, ".repeat(1 + length / 30).substring(0, length);
    }

    /** The next events as a batch; of one as a call of its own. */
    byte[] request(String writeKey, int events) {
        byte[] body = events == 1 ? event.clone() : batch(events);
        int begin = events == 1 ? 0 : START.length;
        for (int at = 0; at < events; at++) {
            long number = next.incrementAndGet();
            write(body, begin + id, number);
            write(body, begin + user, number % PEOPLE);
            begin += event.length + 1;
        }
        return EventLoad.post(writeKey, events == 1 ? "/v1/track" : "/v1/batch", body);
    }

    private byte[] batch(int events) {
        byte[] body = new byte[START.length + events * (event.length + 1) + 1];
        System.arraycopy(START, 0, body, 0, START.length);
        int at = START.length;
        for (int n = 0; n < events; n++) {
            System.arraycopy(event, 0, body, at, event.length);
            at += event.length;
            body[at++] = ',';
        }
        body[at - 1] = ']';
        body[at] = '}';
        return body;
    }

    /** The events as lines, for an engine that reads them by itself. */
    byte[] lines(int events) {
        byte[] lines = new byte[events * (event.length + 1)];
        for (int n = 0, at = 0; n < events; n++, at += event.length + 1) {
            System.arraycopy(event, 0, lines, at, event.length);
            lines[at + event.length] = '\n';
            long number = next.incrementAndGet();
            write(lines, at + id, number);
            write(lines, at + user, number % PEOPLE);
        }
        return lines;
    }

    private static void write(byte[] text, int from, long number) {
        Arrays.fill(text, from, from + DIGITS, (byte) '0');
        long left = number;
        for (int at = from + DIGITS - 1; left > 0; at--, left /= 10) {
            text[at] = (byte) ('0' + left % 10);
        }
    }
}
