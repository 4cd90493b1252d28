package dev.quintet.platform.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quintet.platform.Await;
import dev.quintet.platform.CutCable;
import dev.quintet.platform.PlatformRefusal;
import dev.quintet.platform.Refused;
import java.net.URI;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A database that goes away behind a cable, and comes back. */
final class AvailabilityTest {

    private static final Duration AT_ONCE = Duration.ofSeconds(3);

    private final TestDatabase test = TestDatabase.create();
    private final DatabaseUrl url = test.url();
    private final CutCable cable =
            new CutCable(URI.create(url.jdbc().substring("jdbc:".length())).getPort());
    private final Database db =
            Database.open(
                    new DatabaseUrl(
                            url.jdbc().replaceFirst(":\\d+/", ":" + cable.port() + "/"),
                            url.user(),
                            url.password()),
                    Database.Limits.DEFAULT,
                    (tx, events) -> {});

    @AfterEach
    void close() {
        // First: a pool waits for connections that hang.
        cable.close();
        db.close();
        test.close();
    }

    @Test
    void without_a_database_requests_are_refused_at_once_and_served_again_when_it_is_back() {
        assertThat(read()).isEqualTo(1);
        cable.cut();
        Await.until("it is known to be away", () -> db.problem().isPresent());
        for (int n = 0; n < 5; n++) {
            long start = System.nanoTime();
            assertThatThrownBy(this::read)
                    .isInstanceOfSatisfying(
                            Refused.class,
                            refused -> {
                                assertThat(refused.refusal())
                                        .isEqualTo(PlatformRefusal.DATABASE_AWAY);
                                assertThat(refused.headers()).containsEntry("Retry-After", "1");
                            });
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(AT_ONCE);
        }
        assertThat(db.problem()).get().asString().startsWith("cannot be reached");
        cable.mend();
        Await.until("it is known to be back", () -> db.problem().isEmpty());
        assertThat(read()).isEqualTo(1);
    }

    @Test
    void a_database_that_hangs_is_away_too() {
        assertThat(read()).isEqualTo(1);
        cable.hold();
        Await.until("it is known to be away", () -> db.problem().isPresent());
        assertThat(db.problem()).isPresent();
        assertThatThrownBy(this::read)
                .isInstanceOfSatisfying(
                        Refused.class,
                        refused ->
                                assertThat(refused.refusal())
                                        .isEqualTo(PlatformRefusal.DATABASE_AWAY));
    }

    private int read() {
        return db.read(tx -> tx.handle().createQuery("select 1").mapTo(Integer.class).one());
    }
}
