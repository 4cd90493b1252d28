package dev.quintet.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quintet.platform.http.Response;
import dev.quintet.platform.http.Route;
import dev.quintet.platform.http.Routes;
import dev.quintet.platform.http.TestWeb;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

final class SecretWatchTest {

    private static final Set<String> SECRETS = Set.of("qk_0123456789abcdef", "another-secret-word");

    @Test
    void a_planted_leak_is_found_in_text_and_across_blocks_and_what_is_similar_is_not(
            @TempDir Path folder) throws Exception {
        Files.writeString(folder.resolve("clean.log"), "qk_0123456789abcdeX another-secret-wor");
        assertThat(SecretWatch.find(SECRETS, folder)).isEmpty();
        byte[] binary = new byte[200_000];
        byte[] leak = "qk_0123456789abcdef".getBytes(java.nio.charset.StandardCharsets.UTF_8);
        System.arraycopy(leak, 0, binary, (1 << 16) - 7, leak.length);
        Files.write(folder.resolve("data.bin"), binary);
        Files.writeString(folder.resolve("run.log"), "GET /x?token=another-secret-word HTTP/1.1\n");
        assertThat(SecretWatch.find(SECRETS, folder))
                .hasSize(2)
                .anyMatch(hit -> hit.contains("data.bin at byte " + ((1 << 16) - 7)))
                .anyMatch(hit -> hit.contains("run.log"));
    }

    @Test
    void the_keys_of_a_data_directory_may_hold_what_they_are_for(@TempDir Path folder)
            throws Exception {
        Files.writeString(folder.resolve("admin.key"), "qk_0123456789abcdef");
        assertThat(SecretWatch.find(SECRETS, folder)).isEmpty();
    }

    @Test
    void what_an_answer_gives_out_is_known_by_its_field(@TempDir Path folder) throws Exception {
        String token = "token-" + System.nanoTime();
        try (TestWeb web =
                TestWeb.of(
                        Routes.of(
                                "test",
                                Route.get("/token")
                                        .open("a test")
                                        .by(request ->
                                                Response.json(Map.of("access_token", token)))))) {
            assertThat(web.get("/token").body()).contains(token);
        }
        Files.writeString(folder.resolve("some.log"), "GET /x?t=" + token);
        assertThatThrownBy(() -> SecretWatch.search(folder))
                .hasMessageContaining("SECRETS LEAKED")
                .hasMessageContaining("some.log");
    }

    @Test
    void every_logger_of_this_run_writes_everything_where_the_search_looks() {
        String word = "leak-canary-" + System.nanoTime();
        LoggerFactory.getLogger("some.library.Deep").trace("url http://h/?k={}", word);
        assertThat(SecretWatch.find(Set.of(word), Path.of("target", "logs"))).hasSize(1);
    }
}
