package dev.quintet.platform.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Files and their parts, by sendfile on HTTP/1.1 and in frames on HTTP/2. */
final class FilePartTest {

    @TempDir Path folder;

    @ParameterizedTest
    @EnumSource(
            value = HttpClient.Version.class,
            names = {"HTTP_1_1", "HTTP_2"})
    void a_file_and_its_part_arrive_as_they_lie_on_disk(HttpClient.Version version)
            throws Exception {
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
        try (TestWeb web = TestWeb.of(Routes.of("test", route));
                HttpClient client = HttpClient.newBuilder().version(version).build()) {
            HttpRequest whole = HttpRequest.newBuilder(web.at("/file")).build();
            assertThat(client.send(whole, BodyHandlers.ofByteArray()).body()).isEqualTo(bytes);
            HttpRequest part =
                    HttpRequest.newBuilder(web.at("/file"))
                            .header("Range", "bytes=1000000-2500000")
                            .build();
            HttpResponse<byte[]> answer = client.send(part, BodyHandlers.ofByteArray());
            assertThat(answer.version()).isEqualTo(version);
            assertThat(answer.statusCode()).isEqualTo(206);
            assertThat(answer.body()).isEqualTo(Arrays.copyOfRange(bytes, 1_000_000, 2_500_001));
        }
    }
}
