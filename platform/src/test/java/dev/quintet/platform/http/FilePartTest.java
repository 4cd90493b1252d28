package dev.quintet.platform.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.http.HttpVersion;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files and their parts, by sendfile on HTTP/1.1 and in frames on HTTP/2. */
final class FilePartTest {

    private static final String RANGE = "bytes=1000000-2500000";

    @TempDir Path folder;

    @Test
    void a_file_and_its_part_arrive_as_they_lie_on_disk_over_both_versions() throws Exception {
        byte[] bytes = new byte[3_000_001];
        new Random(11).nextBytes(bytes);
        Path file = Files.write(folder.resolve("file"), bytes);
        Content content =
                new Content(
                        bytes.length,
                        "application/octet-stream",
                        Optional.of("tag"),
                        Optional.empty(),
                        (from, length, to) -> to.file(file, from, length));
        Route route =
                Route.get("/file")
                        .open("a test")
                        .gives(200)
                        .by(request -> Response.ranged(content));
        byte[] middle = Arrays.copyOfRange(bytes, 1_000_000, 2_500_001);
        try (TestWeb web =
                        new TestWeb(
                                EdgeTest.config("http.h2c", "true"),
                                TestWeb::allRights,
                                Routes.of("test", route));
                PriorKnowledge two = new PriorKnowledge()) {
            HttpRequest whole = HttpRequest.newBuilder(web.at("/file")).build();
            assertThat(web.client().send(whole, BodyHandlers.ofByteArray()).body())
                    .isEqualTo(bytes);
            HttpRequest part =
                    HttpRequest.newBuilder(web.at("/file")).header("Range", RANGE).build();
            HttpResponse<byte[]> one = web.client().send(part, BodyHandlers.ofByteArray());
            assertThat(one.statusCode()).isEqualTo(206);
            assertThat(one.body()).isEqualTo(middle);

            assertThat(two.send("GET", web.at("/file"), Map.of(), new byte[0]).body())
                    .isEqualTo(bytes);
            PriorKnowledge.Answer answer =
                    two.send("GET", web.at("/file"), Map.of("Range", RANGE), new byte[0]);
            assertThat(answer.version()).isEqualTo(HttpVersion.HTTP_2);
            assertThat(answer.status()).isEqualTo(206);
            assertThat(answer.body()).isEqualTo(middle);
        }
    }
}
