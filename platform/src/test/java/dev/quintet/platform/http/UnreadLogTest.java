package dev.quintet.platform.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quintet.platform.ChildJvm;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A log that nobody reads stops no request: its lines are dropped, and counted. */
final class UnreadLogTest {

    private static final int REQUESTS = 30_000;
    private static final int AT_ONCE = 100;
    private static final String ANSWER = "HTTP/1.1 200";

    @Test
    void a_reader_of_the_log_that_stands_still_stops_nothing() throws Exception {
        Process server = ChildJvm.withUnreadLog(UnreadLog.class);
        try {
            int port = Integer.parseInt(ChildJvm.next(server, "port "));
            assertThat(answers(port)).isEqualTo(REQUESTS);
            server.getOutputStream().write('\n');
            server.getOutputStream().flush();
            String[] drained = ChildJvm.next(server, "drained ").split(" ", -1);
            // Promised in 5 s; a busy machine may take ten times that.
            assertThat(Integer.parseInt(drained[0])).isLessThan(50_000);
            assertThat(Long.parseLong(drained[1])).as("lines dropped").isPositive();
            assertThat(server.waitFor(10, TimeUnit.SECONDS)).isTrue();
        } finally {
            server.destroyForcibly();
        }
    }

    private static int answers(int port) throws IOException {
        byte[] requests =
                "GET /logged HTTP/1.1\r\nHost: x\r\n\r\n"
                        .repeat(AT_ONCE)
                        .getBytes(StandardCharsets.US_ASCII);
        int answers = 0;
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(20_000);
            InputStream in = socket.getInputStream();
            byte[] buffer = new byte[1 << 16];
            StringBuilder rest = new StringBuilder();
            while (answers < REQUESTS) {
                socket.getOutputStream().write(requests);
                for (int open = AT_ONCE; open > 0; ) {
                    int count = in.read(buffer);
                    if (count < 0) {
                        return answers;
                    }
                    rest.append(new String(buffer, 0, count, StandardCharsets.US_ASCII));
                    for (int at = rest.indexOf(ANSWER); at >= 0; at = rest.indexOf(ANSWER)) {
                        rest.delete(0, at + ANSWER.length());
                        open--;
                        answers++;
                    }
                }
            }
        }
        return answers;
    }
}
