package dev.quintet.server;

import dev.quintet.platform.StartRefused;
import dev.quintet.platform.http.HttpConfig;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;

/** The port to serve on, known before anything listens, because the issuer's address names it. */
final class Ports {

    private Ports() {}

    static int resolve(HttpConfig config) {
        if (config.port() != 0) {
            return config.port();
        }
        try (ServerSocket probe = new ServerSocket()) {
            probe.bind(new InetSocketAddress(config.host(), 0));
            return probe.getLocalPort();
        } catch (IOException e) {
            throw new StartRefused("no free port on " + config.host() + ": " + e.getMessage(), e);
        }
    }
}
