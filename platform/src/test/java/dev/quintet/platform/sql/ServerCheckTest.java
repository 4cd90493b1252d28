package dev.quintet.platform.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quintet.platform.StartRefused;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a PostgreSQL must be, where it is, and as whom it runs: the decisions without a process. */
final class ServerCheckTest {

    private static final Path FOLDER = Path.of("/data/postgres");

    @ParameterizedTest
    @CsvSource({"90624, 9", "160014, 16", "169999, 16"})
    void a_postgresql_older_than_17_is_refused_by_its_number(int version, int major) {
        assertThatThrownBy(() -> new ServerCheck(version, "on", "on", "on").require())
                .isInstanceOf(StartRefused.class)
                .hasMessage(
                        "this PostgreSQL has version %d; Quintet needs 17 or newer"
                                .formatted(major));
    }

    @ParameterizedTest
    @CsvSource({"170000, on", "180006, local", "190001, remote_apply"})
    void a_recent_and_durable_one_is_taken(int version, String synchronousCommit) {
        assertThatCode(() -> new ServerCheck(version, "on", "on", synchronousCommit).require())
                .doesNotThrowAnyException();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "postgresql://ada:secret@db:5433/shop | jdbc:postgresql://db:5433/shop | ada | secret",
                "postgres://ada:secret@db/shop | jdbc:postgresql://db/shop | ada | secret",
                "jdbc:postgresql://db/shop?user=ada&password=secret | jdbc:postgresql://db/shop | ada | secret",
                "postgresql://ada:a%40b%3A%2F+c@db/shop | jdbc:postgresql://db/shop | ada | a@b:/+c",
                "postgresql://ada:a:b@db/shop | jdbc:postgresql://db/shop | ada | a:b",
                "postgresql://ada@db/shop?sslmode=require | jdbc:postgresql://db/shop?sslmode=require | ada | ''",
                "postgresql://db/shop?a=1&password=x%26y&user=ada&b=2 | jdbc:postgresql://db/shop?a=1&b=2 | ada | x&y",
                "postgresql://ada:secret@h1,h2:5433/shop?targetServerType=primary | jdbc:postgresql://h1,h2:5433/shop?targetServerType=primary | ada | secret",
                "postgresql://ada:secret@my_db:5432/shop | jdbc:postgresql://my_db:5432/shop | ada | secret",
                "postgresql://ada:secret@[::1]:5432/shop | jdbc:postgresql://[::1]:5432/shop | ada | secret",
            })
    void an_address_is_read_in_every_usual_form(
            String text, String jdbc, String user, String password) {
        assertThat(DatabaseUrl.parse(text)).isEqualTo(new DatabaseUrl(jdbc, user, password));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "secret",
                "mysql://ada:secret@db/shop",
                "postgresql://ada:secret@db",
                "postgresql://ada:secret@db/",
                "postgresql:///shop?password=secret",
                "postgresql://ada:se cret@db/shop",
                "postgresql://ada:secret%zz@db/shop",
                "jdbc:postgresql:shop",
            })
    void what_is_no_address_is_refused_without_repeating_it(String text) {
        assertThatThrownBy(() -> DatabaseUrl.parse(text))
                .isInstanceOf(StartRefused.class)
                .hasMessageStartingWith("database.url is not understood; write postgresql://")
                .hasMessageNotContaining("secret");
    }

    @Test
    void an_address_prints_without_its_password() {
        assertThat(DatabaseUrl.parse("postgresql://ada:secret@db/shop?password=secret"))
                .hasToString("jdbc:postgresql://db/shop as ada");
    }

    @Test
    void another_database_of_the_same_server_keeps_the_rest() {
        assertThat(
                        DatabaseUrl.parse("postgresql://ada@db/shop?sslmode=require")
                                .database("x")
                                .jdbc())
                .isEqualTo("jdbc:postgresql://db/x?sslmode=require");
    }

    @Test
    void only_root_runs_postgresql_as_somebody_else() {
        assertThat(Unprivileged.prefix(false, 0, 0, () -> false, FOLDER)).isEmpty();
        assertThat(Unprivileged.prefix(true, 0, 0, () -> true, FOLDER))
                .containsExactly("unshare", "-U");
        assertThat(Unprivileged.prefix(true, 1000, 100, () -> true, FOLDER))
                .containsExactly("setpriv", "--reuid=1000", "--regid=100", "--clear-groups");
    }

    @Test
    void root_without_a_way_to_be_somebody_else_is_told_what_to_do() {
        assertThatThrownBy(() -> Unprivileged.prefix(true, 0, 0, () -> false, FOLDER))
                .isInstanceOf(StartRefused.class)
                .hasMessageContaining("chown -R nobody /data/postgres");
    }
}
