package dev.quintet.platform.http;

import dev.quintet.platform.Ids;
import dev.quintet.platform.config.Settings;
import dev.quintet.platform.telemetry.Logs;
import dev.quintet.platform.telemetry.TelemetryConfig;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Random;

/**
 * A server that logs each request to a standard error that nobody reads; drains on its first input.
 */
final class UnreadLog {

    private UnreadLog() {}

    public static void main(String[] none) throws IOException {
        Logs.start(Settings.defaults(TelemetryConfig.class));
        Web web =
                new Web(
                        Settings.defaults(HttpConfig.class),
                        bearer -> java.util.Optional.empty(),
                        new SimpleMeterRegistry(),
                        new Ids(InstantSource.system(), new Random(7)),
                        Observer.NONE);
        Door door =
                web.open(
                        "127.0.0.1",
                        0,
                        Routes.of(
                                "test",
                                Route.get("/logged")
                                        .open("a test")
                                        .by(request -> Response.text("ok"))));
        System.out.println("port " + door.port());
        var _ = System.in.read();
        long start = System.nanoTime();
        web.drain(Duration.ofSeconds(25));
        Logs.stop();
        System.out.println(
                "drained "
                        + Duration.ofNanos(System.nanoTime() - start).toMillis()
                        + " "
                        + Logs.dropped());
        Runtime.getRuntime().halt(0);
    }
}
