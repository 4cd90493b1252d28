package dev.quintet.bench;

import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** What a restart of each node in turn costs clients behind a balancer: nothing. */
@Command(
        name = "rolling",
        description = "Two nodes restarted in turn behind nginx and HAProxy, under load.")
final class RollingBench implements Callable<Integer> {

    @Option(
            names = "--requests",
            description = "At each balancer, at least (default: ${DEFAULT-VALUE}).")
    int requests = 20_000;

    @Override
    public Integer call() {
        Checkout checkout = Checkout.find();
        Results results =
                Results.here("rolling", List.of("--requests", "" + requests), checkout, System.out);
        boolean clean = true;
        try (Scratch scratch = Scratch.in(checkout)) {
            results.limit(
                    "append of 4 KiB + fsync",
                    new RawDisk(scratch.folder()).forces(4096, 3, Duration.ofSeconds(1)),
                    "a second");
            results.fact(
                    "show fsync", "on (a PostgreSQL of the run, started without other settings)");
            results.table(
                    "Two nodes restarted in turn",
                    "balancer",
                    "restarts",
                    "requests",
                    "sign-ins",
                    "failed",
                    "readers that lost something",
                    "streams of the inbox",
                    "uploads, resumed",
                    "exit status of the nodes");
            for (Balancer.Kind kind : Balancer.Kind.values()) {
                if (kind.installed().isEmpty()) {
                    results.row(kind.name(), "not installed", "", "", "", "", "", "", "");
                    continue;
                }
                try (RollingRestart rolling =
                        RollingRestart.start(kind, scratch.folder().resolve(kind.name()))) {
                    RollingRestart.Report report =
                            rolling.run(requests, RollingRestart.Turns.WHILE_SENDING);
                    clean &= report.failures().isEmpty() && report.lost().isEmpty();
                    results.row(
                            kind.name(),
                            "" + report.exits().size(),
                            "" + report.requests(),
                            "" + report.signIns(),
                            "" + report.failures().size(),
                            report.lost().size() + " of 22",
                            "" + report.streams(),
                            report.uploaded().files() + ", " + report.uploaded().resumed(),
                            report.exits().toString());
                    report.failures().stream().limit(5).forEach(results::note);
                    report.lost().stream().limit(5).forEach(results::note);
                }
            }
            results.note(
                    "The nodes are restarted in turn for as long as the requests last: client-credentials"
                            + " tokens (POST), the discovery document, lists of users, chat messages"
                            + " (POST), and notifications (POST). Four browsers sign in all the time,"
                            + " with a second and a half between page and form. No client repeats"
                            + " anything; 20 sockets and the stream of an inbox resume. One client"
                            + " uploads by stream to the first node, which alone has files, and goes on"
                            + " where it stands. Goal: 0 failed, 0 lost.");
            results.write(checkout.results(), LocalDate.now(ZoneOffset.UTC));
        }
        return clean ? 0 : 1;
    }
}
