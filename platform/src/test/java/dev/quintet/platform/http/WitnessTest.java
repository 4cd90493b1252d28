package dev.quintet.platform.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quintet.platform.Await;
import dev.quintet.platform.Refusal;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** That the witness fails a test for a planted fault, and that unproduced outcomes are named. */
final class WitnessTest {

    enum Planted implements Refusal {
        TOLD(409),
        KEPT(409),
        HIDDEN(410);

        private final int status;

        Planted(int status) {
            this.status = status;
        }

        @Override
        public int status() {
            return status;
        }

        @Override
        public String sentence() {
            return "planted";
        }

        @Override
        public String docs() {
            return "none";
        }
    }

    record Answer(String word) {}

    private static final Route ASKED =
            Route.get("/asked/{how}")
                    .open("a test")
                    .gives(200, Answer.class)
                    .refuses(Planted.TOLD, Planted.KEPT)
                    .by(request ->
                            switch (request.path("how")) {
                                case "well" -> Response.json(new Answer("yes"));
                                case "askew" -> Response.json(Map.of("word", 7));
                                case "told" -> throw Planted.TOLD.because();
                                default -> throw Planted.HIDDEN.because();
                            });
    private static final Route FORGOTTEN =
            Route.get("/forgotten").open("a test").gives(204).by(request -> Response.empty(204));

    @Test
    void an_answer_that_differs_fails_the_test_and_so_does_an_undeclared_refusal()
            throws Exception {
        try (TestWeb web = TestWeb.of(Routes.of("test", ASKED))) {
            web.get("/asked/well");
            web.get("/asked/told");
            web.get("/asked/askew");
            assertThat(fault()).contains("GET /asked/{how} answer.word is NUMBER, not string");
            web.get("/asked/otherwise");
            assertThat(fault()).contains("refused with HIDDEN, which it does not declare");
        }
    }

    @Test
    void a_refusal_and_a_route_that_nobody_produced_are_named() throws Exception {
        Coverage coverage = new Coverage();
        try (TestWeb web = TestWeb.of(Routes.of("test", ASKED, FORGOTTEN))) {
            web.get("/asked/well");
            web.get("/asked/told");
            Await.until("both are seen", () -> web.seen().size() == 2);
            web.seen().forEach(coverage::saw);
        }
        assertThat(coverage.missing(List.of(ASKED, FORGOTTEN)))
                .contains(
                        "GET /asked/{how} never refused with KEPT",
                        "GET /forgotten was never answered with 204",
                        "no route ever refused with BUSY")
                .doesNotContain(
                        "GET /asked/{how} never refused with TOLD",
                        "GET /asked/{how} was never answered with 200");
    }

    private static String fault() {
        AtomicReference<String> said = new AtomicReference<>("");
        Await.until(
                "the witness objects",
                () -> {
                    try {
                        Witness.failOnFaults();
                    } catch (AssertionError fault) {
                        said.set(String.valueOf(fault.getMessage()));
                    }
                    return !said.get().isEmpty();
                });
        return said.get();
    }
}
