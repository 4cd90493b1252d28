package dev.quintet.bench;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The bench's own client and receiver understand what goes over the wire, piece by piece. */
final class WireTest {

    @Test
    void answers_with_a_length_in_chunks_and_after_an_interim_one_are_read_whole()
            throws Exception {
        String answers =
                "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\none"
                        + "HTTP/1.1 104 Upload\r\n\r\n"
                        + "HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n2\r\ntw\r\n1;x=y\r\no\r\n0\r\n\r\n"
                        + "HTTP/1.1 204 No Content\r\n\r\n";
        try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                Wire wire = new Wire(URI.create("http://127.0.0.1:" + listener.getLocalPort()));
                Socket server = listener.accept()) {
            Thread.ofVirtual().start(() -> trickle(server, answers));
            byte[] request = Wire.request("GET", "/", Map.of(), new byte[0]);
            Wire.Answer first = wire.exchange(request).require(200);
            assertThat(first.body()).isEqualTo("one");
            assertThat(wire.exchange(request).require(201).body()).isEqualTo("two");
            assertThatThrownBy(() -> wire.exchange(request).require(200))
                    .hasMessageContaining("wanted 200, got 204");
        }
    }

    // One byte at a time: no border is where a reader would like it.
    private static void trickle(Socket socket, String answers) {
        try {
            socket.setTcpNoDelay(true);
            for (byte letter : answers.getBytes(UTF_8)) {
                socket.getOutputStream().write(letter);
            }
        } catch (IOException closed) {
            throw new IllegalStateException(closed);
        }
    }

    @Test
    void the_receiver_counts_what_it_answered() {
        try (Sink sink = new Sink();
                Wire wire = new Wire(URI.create(sink.url()))) {
            byte[] request =
                    Wire.request("POST", "/hook", Map.of("X-Any", "y"), "a body".getBytes(UTF_8));
            wire.exchange(request).require(204);
            wire.exchange(request).require(204);
            assertThat(sink.taken()).isEqualTo(2);
        }
    }
}
