package dev.quintet.analytics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quintet.analytics.http.AnalyticsRoutes;
import dev.quintet.platform.Await;
import dev.quintet.platform.DataSize;
import dev.quintet.platform.http.TestWeb;
import dev.quintet.platform.log.LocalEventLog;
import dev.quintet.platform.sql.TestDatabase;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/** What who asks too much is told, and who asks an engine that dies. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class QueryRefusalsTest {

    private static final AnalyticsConfig SMALL =
            new AnalyticsConfig(
                    Duration.ofSeconds(1),
                    Duration.ofMinutes(10),
                    1_000,
                    1,
                    Optional.of(DataSize.mebibytes(64)),
                    DataSize.mebibytes(64),
                    Duration.ofSeconds(1),
                    DataSize.kibibytes(64),
                    Optional.of(DataSize.mebibytes(64)));
    private static final String ENDLESS =
            "select count(*) from range(10000000000) a where a.range % 7 = 3";

    @TempDir static Path folder;

    private TestDatabase database;
    private Rig rig;
    private TestWeb web;

    @BeforeAll
    void open() {
        database = TestDatabase.create("analytics");
        rig =
                new Rig(
                        folder,
                        database,
                        InstantSource.system(),
                        LocalEventLog.Bounds.DEFAULT,
                        UnaryOperator.identity(),
                        SMALL);
        web = TestWeb.of(new AnalyticsRoutes(rig.analytics, rig.idempotency()).routes());
    }

    @AfterAll
    void close() {
        web.close();
        rig.close();
        database.close();
    }

    private String ask(String sql) {
        return code(() ->
                web.post(
                        "/api/v1/analytics/query",
                        JsonMapper.shared().writeValueAsString(java.util.Map.of("sql", sql))));
    }

    private interface Call {
        HttpResponse<String> send() throws IOException, InterruptedException;
    }

    /** The refusal's code; empty for a good answer. */
    private static String code(Call call) {
        try {
            return JsonMapper.shared().readTree(call.send().body()).path("code").asString("");
        } catch (IOException | InterruptedException failure) {
            throw new AssertionError(failure);
        }
    }

    @Test
    void an_answer_that_is_too_large_is_refused_and_a_smaller_one_is_given() {
        assertThat(ask("select repeat('x', 1000) from range(1000)"))
                .isEqualTo("QUERY_RESULT_TOO_LARGE");
        assertThat(ask("select 1")).isEmpty();
    }

    @Test
    void where_one_query_takes_all_its_time_it_is_stopped_and_those_behind_it_are_told() {
        List<String> codes = new CopyOnWriteArrayList<>();
        try (ExecutorService people = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int n = 0; n < 6; n++) {
                people.execute(() -> codes.add(ask(ENDLESS)));
            }
        }
        assertThat(codes).hasSize(6).containsOnly("QUERY_TOO_HEAVY", "BUSY");
        assertThat(codes).contains("QUERY_TOO_HEAVY", "BUSY");
    }

    @Test
    void an_engine_that_dies_is_told_apart_from_a_wrong_query_and_the_next_one_lives() {
        assertThat(whileEnginesDie(() -> ask("select 1"))).isEqualTo("QUERY_ENGINE_FAILED");
        assertThat(ask("select 1")).isEmpty();
        assertThat(whileEnginesDie(() -> code(() -> web.get("/api/v1/analytics/rejected"))))
                .isEqualTo("QUERY_ENGINE_FAILED");
        assertThat(code(() -> web.get("/api/v1/analytics/rejected"))).isEmpty();
    }

    /** Asks while every child of this JVM that is an engine is killed as soon as it is there. */
    private static String whileEnginesDie(java.util.function.Supplier<String> asked) {
        AtomicBoolean enough = new AtomicBoolean();
        Thread killer =
                Thread.ofPlatform()
                        .start(() ->
                                Await.until(
                                        "the question is answered",
                                        () -> {
                                            engines().forEach(ProcessHandle::destroyForcibly);
                                            return enough.get();
                                        }));
        try {
            return asked.get();
        } finally {
            enough.set(true);
            join(killer);
        }
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new IllegalStateException("nobody interrupts a test", e);
        }
    }

    private static List<ProcessHandle> engines() {
        return ProcessHandle.current()
                .children()
                .filter(child ->
                        child.info()
                                .commandLine()
                                .filter(line -> line.contains("LakeChild"))
                                .isPresent())
                .toList();
    }
}
