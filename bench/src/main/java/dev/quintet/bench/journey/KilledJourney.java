package dev.quintet.bench.journey;

import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.ServerSetup;
import dev.quintet.bench.QuintetProcess;
import dev.quintet.bench.QuintetProcess.Victim;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;

/**
 * Ada and Bob use all five systems through third-party clients while the server is struck, blow
 * after blow, over one data directory. Each blow falls at a seeded moment after at least a hundred
 * acknowledged operations in each system since the one before.
 */
public final class KilledJourney {

    /** How many acknowledgements of each system come before a blow, where time does not press. */
    public static final int BEFORE = 100;

    private static final int AFTER = 20;
    private static final int AHEAD = 50;
    private static final int SOCKETS = 200;
    private static final Duration DRAIN = Duration.ofSeconds(30);

    /**
     * One blow and what came of it.
     *
     * @param underWay requests that waited for an answer in its moment
     * @param broken requests that got none because of it, or were told to come later
     * @param silent until every system had acknowledged something again
     */
    public record Struck(
            Blow blow, long seed, int acknowledged, int underWay, int broken, Duration silent) {}

    /**
     * @param wrong what was lost, doubled or refused; empty is what is promised
     * @param fsync what its PostgreSQL said of it
     * @param drained how long the server took to end; zero when it was not asked to
     */
    public record Outcome(
            List<Struck> struck, List<String> wrong, String fsync, Duration drained) {}

    private final QuintetProcess.Settings settings;
    private final Watch watch;
    private final int before;
    private final GreenMail mail = new GreenMail(new ServerSetup(0, "127.0.0.1", "smtp"));
    private final List<Tally> tallies = new ArrayList<>();
    private final List<Struck> struck = new ArrayList<>();
    private final AtomicBoolean over = new AtomicBoolean();
    private final AtomicBoolean armed = new AtomicBoolean();
    private final Calls calls;
    private QuintetProcess server;
    private Duration drained = Duration.ZERO;

    private KilledJourney(Path data, int before, Watch watch) {
        mail.start();
        this.watch = watch;
        this.before = before;
        this.settings =
                watch.over(
                        QuintetProcess.Settings.over(data)
                                .with(
                                        "QUINTET_NOTIFY_SMTP_URL",
                                        "smtp://127.0.0.1:" + mail.getSmtp().getPort())
                                .with("QUINTET_AUTH_ACCESS_TOKEN_LIFE", "1h")
                                .with("QUINTET_CHAT_MAX_SOCKETS_PER_PERSON", "1000")
                                .with("QUINTET_LIMITS_ENABLED", "false"));
        this.server = start();
        this.calls = new Calls(server.base(), watch);
    }

    private QuintetProcess start() {
        QuintetProcess started = QuintetProcess.start(settings);
        watch.started(started);
        return started;
    }

    /**
     * @param data an empty folder
     * @param seeds one for each blow, which repeats its moment
     * @param before how many acknowledgements of each system come before a blow
     */
    public static Outcome run(
            Path data, List<Blow> blows, List<Long> seeds, int before, Watch watch)
            throws Exception {
        KilledJourney journey = new KilledJourney(data, before, watch);
        try {
            return journey.live(blows, seeds);
        } catch (Exception stuck) {
            journey.tell(System.err);
            throw stuck;
        } finally {
            journey.server.close();
            journey.mail.stop();
        }
    }

    private Outcome live(List<Blow> blows, List<Long> seeds) throws Exception {
        Cast cast = Cast.of(calls, server.adminKey());
        List<Actor> actors =
                List.of(
                        new Sessions(cast, tally("auth")),
                        new Talk(cast, tally("chat")),
                        new Uploads(cast, tally("files"), new Random(seeds.getFirst())),
                        new Tracking(cast, tally("analytics")),
                        new Notices(cast, tally("notify"), mail));
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> playing = new ArrayList<>();
            for (int at = 0; at < actors.size(); at++) {
                Actor actor = actors.get(at);
                Tally tally = tallies.get(at);
                playing.add(threads.submit(() -> play(actor, tally)));
            }
            try {
                for (int at = 0; at < blows.size(); at++) {
                    armed.set(false);
                    awaitEach(before, playing);
                    armed.set(true);
                    strike(blows.get(at), seeds.get(at), cast, playing);
                }
            } finally {
                over.set(true);
            }
            for (Future<?> one : playing) {
                one.get();
            }
            for (Actor actor : actors) {
                actor.check();
            }
        } finally {
            actors.forEach(Actor::close);
        }
        watch.ending(server);
        return new Outcome(
                List.copyOf(struck),
                calls.wrong(),
                QuintetProcess.show(server.embeddedDatabase(), "fsync"),
                drained);
    }

    private void tell(PrintStream out) {
        out.println("so far: " + struck + ", " + tallies + ", wrong: " + calls.wrong());
        calls.thirdTries().forEach(one -> out.println("tried a third time: " + one));
        server.output().forEach(line -> out.println("server: " + line));
    }

    private Tally tally(String system) {
        Tally tally = new Tally(system);
        tallies.add(tally);
        return tally;
    }

    /**
     * The quick ones wait for the slow, as a flood of events would tell nothing more; only when a
     * blow is near, all run.
     */
    private boolean play(Actor actor, Tally tally) throws Exception {
        while (!over.get()) {
            int slowest = tallies.stream().mapToInt(Tally::sinceMark).min().orElse(0);
            if (!armed.get() && tally.sinceMark() > slowest + AHEAD) {
                LockSupport.parkNanos(2_000_000);
            } else {
                actor.act();
            }
        }
        return true;
    }

    private void strike(Blow blow, long seed, Cast cast, List<Future<?>> playing) throws Exception {
        if (blow == Blow.DRAIN) {
            drain(seed, cast, playing);
            return;
        }
        watch.ending(server);
        awaitMoment(new Random(seed));
        measure(
                blow,
                seed,
                playing,
                () -> {
                    server.kill(blow.victim());
                    if (blow.victim() != Victim.POSTGRES) {
                        server = start();
                    }
                });
    }

    /** Everybody retries once and sees no failure; whoever holds a socket is told to go. */
    private void drain(long seed, Cast cast, List<Future<?>> playing) throws Exception {
        Random chance = new Random(seed);
        HalfUpload half = new HalfUpload(calls, cast, chance);
        try (Crowd crowd = new Crowd(calls, cast.bobsToken(), SOCKETS)) {
            watch.ending(server);
            awaitMoment(chance);
            int thirdTries = calls.thirdTries().size();
            measure(
                    Blow.DRAIN,
                    seed,
                    playing,
                    () -> {
                        long began = System.nanoTime();
                        int status = server.stop(DRAIN.multipliedBy(10)).orElse(-1);
                        drained = Duration.ofNanos(System.nanoTime() - began);
                        if (status != 0) {
                            calls.wrong("the drained server ended with " + status);
                        }
                        server = start();
                    });
            calls.thirdTries().stream()
                    .skip(thirdTries)
                    .forEach(one -> calls.wrong("a second try failed: " + one));
            if (crowd.told() != SOCKETS) {
                calls.wrong(crowd.told() + " of " + SOCKETS + " sockets were told to go");
            }
            half.resume();
        }
    }

    /** From zero to a few hundred microseconds and a few acknowledgements after the hundredth. */
    private void awaitMoment(Random chance) {
        int more = all() + chance.nextInt(60);
        Calls.until("a few more are acknowledged", () -> all() >= more);
        LockSupport.parkNanos(chance.nextInt(20_000_000));
    }

    private void measure(Blow blow, long seed, List<Future<?>> playing, Runnable happens)
            throws Exception {
        int acknowledged = all();
        int underWay = tallies.stream().mapToInt(Tally::underWay).sum();
        int broken = tallies.stream().mapToInt(Tally::broken).sum();
        long began = System.nanoTime();
        happens.run();
        awaitEach(1, playing);
        Duration silent = Duration.ofNanos(System.nanoTime() - began);
        awaitEach(AFTER, playing);
        int hit = tallies.stream().mapToInt(Tally::broken).sum() - broken;
        struck.add(new Struck(blow, seed, acknowledged, underWay, hit, silent));
        if (hit == 0) {
            calls.wrong(blow + " with seed " + seed + " hit nothing under way");
        }
    }

    private int all() {
        return tallies.stream().mapToInt(Tally::acknowledged).sum();
    }

    /** Until each system has acknowledged so many more; an actor that gave up ends the wait. */
    private void awaitEach(int more, List<Future<?>> playing) throws Exception {
        tallies.forEach(Tally::mark);
        boolean each =
                Calls.happened(() ->
                        tallies.stream().allMatch(tally -> tally.sinceMark() >= more)
                                || playing.stream().anyMatch(Future::isDone));
        if (!each) {
            throw new IllegalStateException(
                    "in two minutes each system did not acknowledge %d more: %s"
                            .formatted(more, tallies));
        }
        for (Future<?> one : playing) {
            if (one.isDone()) {
                one.get();
            }
        }
    }
}
