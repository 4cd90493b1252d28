package dev.quintet.platform.sql;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.quintet.platform.Await;
import dev.quintet.platform.ChildJvm;
import java.io.BufferedReader;
import java.io.IOException;
import java.sql.Connection;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A node is killed in its commit or after it, and the client asks again. A mutant that writes the
 * answer in a transaction of its own fails one of them, whichever it commits first.
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
        String answer;
        Process node = node();
        try {
            BufferedReader said = node.inputReader(UTF_8);
            String line = said.readLine();
            while (line != null && !line.startsWith("committed ")) {
                line = said.readLine();
            }
            assertThat(line).as("the child committed").isNotNull();
            answer = line.substring("committed ".length());
        } finally {
            ChildJvm.kill(node);
        }
        assertThat(effects()).isEqualTo(1);
        assertThat(retry()).isEqualTo(answer);
        assertThat(effects()).isEqualTo(1);
    }

    /** The commit itself is held up, by a deferred trigger on one of the two tables it writes. */
    @ParameterizedTest
    @ValueSource(strings = {"public.effects", "platform.answers"})
    void killed_in_its_commit_the_retry_has_the_only_effect(String table) throws Exception {
        db.run(tx -> {
            tx.handle()
                    .execute(
                            """
                            create function public.hold() returns trigger language plpgsql as $$
                            begin
                                perform pg_advisory_xact_lock(77);
                                return null;
                            end
                            $$
                            """);
            tx.handle()
                    .execute(
                            """
                            create constraint trigger hold after insert on %s
                            deferrable initially deferred
                            for each row execute function public.hold()
                            """
                                    .formatted(table));
        });
        try (Connection gate = test.url().connect();
                var statement = gate.createStatement()) {
            statement.execute("select pg_advisory_lock(77)");
            Process node = node();
            try {
                Await.until("it commits", Duration.ofMinutes(1), () -> waiting() == 1);
            } finally {
                ChildJvm.kill(node);
            }
            Await.until("PostgreSQL saw it go", () -> waiting() == 0);
        }
        assertThat(retry()).startsWith("answer ");
        assertThat(effects()).isEqualTo(1);
    }

    private String retry() {
        return new String(
                OnceHolder.once(db).run(OnceHolder.ADA, "k", new byte[] {1}, OnceHolder::work),
                UTF_8);
    }

    private Process node() throws IOException {
        DatabaseUrl url = test.url();
        return ChildJvm.start(OnceHolder.class, url.jdbc(), url.user(), url.password());
    }

    private int waiting() {
        return db.read(tx ->
                tx.handle()
                        .createQuery(
                                "select count(*) from pg_locks where locktype = 'advisory' and not granted")
                        .mapTo(Integer.class)
                        .one());
    }

    private int effects() {
        return db.read(tx ->
                tx.handle()
                        .createQuery("select count(*) from public.effects")
                        .mapTo(Integer.class)
                        .one());
    }
}
