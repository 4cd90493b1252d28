package dev.quintet.bench;

import java.net.URI;
import java.util.Optional;

/**
 * Keeps its connection until an answer ends it (RFC 9112 section 9.6) or it breaks, and repeats
 * nothing. One thread at a time.
 */
final class Client implements AutoCloseable {

    private final URI server;
    private Optional<Wire> kept = Optional.empty();

    Client(URI server) {
        this.server = server;
    }

    Wire.Answer exchange(byte[] request) {
        Wire wire = kept.orElseGet(() -> new Wire(server));
        kept = Optional.of(wire);
        try {
            Wire.Answer answer = wire.exchange(request);
            if ("close".equalsIgnoreCase(answer.headers().get("connection"))) {
                close();
            }
            return answer;
        } catch (RuntimeException broken) {
            close();
            throw broken;
        }
    }

    @Override
    public void close() {
        kept.ifPresent(Wire::close);
        kept = Optional.empty();
    }
}
