package dev.quintet.platform.sql;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A node is killed on either side of its commit, and the client asks again. A mutant that writes
 * the answer in a transaction of its own fails one of them, whichever it commits first.
 */
final class OnceKillTest {

    private TestDatabase test;
    private Database db;

    @BeforeEach
    void open() {
        test = TestDatabase.create();
        db = test.database();
        db.run(tx -> tx.handle().execute("create table public.effects (what text)"));
    }

    @AfterEach
    void close() {
        test.close();
    }

    @Test
    void killed_between_commit_and_answer_the_retry_gets_that_answer() throws Exception {
        String answer = killWhenReached("commits");
        assertThat(answer).startsWith("answer ");
        assertThat(effects()).isEqualTo(1);
        assertThat(retry()).isEqualTo(answer);
        assertThat(effects()).isEqualTo(1);
    }

    @Test
    void killed_before_its_commit_the_retry_has_the_only_effect() throws Exception {
        assertThat(killWhenReached("waits")).isEqualTo("works");
        assertThat(retry()).startsWith("answer ");
        assertThat(effects()).isEqualTo(1);
    }

    private String retry() {
        return new String(
                OnceHolder.once(db).run(OnceHolder.ADA, "k", new byte[] {1}, OnceHolder::work),
                UTF_8);
    }

    private String killWhenReached(String how) throws IOException, InterruptedException {
        DatabaseUrl url = test.url();
        Process node =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-XX:TieredStopAtLevel=1",
                                "-cp",
                                System.getProperty("java.class.path"),
                                OnceHolder.class.getName(),
                                url.jdbc(),
                                url.user(),
                                url.password(),
                                how)
                        .redirectErrorStream(true)
                        .start();
        try {
            BufferedReader said = node.inputReader(UTF_8);
            String line = said.readLine();
            while (line != null && !line.startsWith("reached ")) {
                line = said.readLine();
            }
            assertThat(line).as("the child reached its place").isNotNull();
            return line.substring("reached ".length());
        } finally {
            node.destroyForcibly().waitFor();
        }
    }

    private int effects() {
        return db.read(tx ->
                tx.handle()
                        .createQuery("select count(*) from public.effects")
                        .mapTo(Integer.class)
                        .one());
    }
}
