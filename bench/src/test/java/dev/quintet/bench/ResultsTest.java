package dev.quintet.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ResultsTest {

    private static final LocalDate DAY = LocalDate.of(2026, 11, 21);

    @TempDir Path folder;

    private final Results results =
            new Results("start", new PrintStream(OutputStream.nullOutputStream()));

    private void allButFsync() {
        results.fact("command", "./quintet bench start");
        results.fact("commit", "abc");
        results.fact("machine", "2 cores");
        results.fact("jdk", "25");
        results.fact("load before", "0.1");
        results.limit("append + fsync", Spread.of(900, 1100, 1000), "a second");
    }

    @Test
    void a_page_holds_how_it_came_about_and_its_figures() throws Exception {
        allButFsync();
        results.fact("show fsync", "on");
        results.table("Command to ready", "database", "seconds");
        results.row("embedded", "2.40");
        Path page = results.write(folder, DAY);
        assertThat(page.getFileName()).hasToString("start-2026-11-21.md");
        assertThat(Files.readString(page))
                .contains(
                        "- show fsync: on\n",
                        "- limit: append + fsync: 1,000 (900-1,100) a second\n",
                        "| embedded | 2.40 |\n");
    }

    @Test
    void figures_of_a_database_that_may_not_force_are_not_kept() {
        allButFsync();
        assertThatThrownBy(() -> results.write(folder, DAY)).hasMessageContaining("show fsync");
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void figures_beside_which_no_limit_was_measured_are_not_kept() {
        for (String name : new String[] {"command", "commit", "machine", "jdk", "load before"}) {
            results.fact(name, "x");
        }
        results.fact("show fsync", "on");
        assertThatThrownBy(() -> results.write(folder, DAY))
                .hasMessageContaining("what the machine itself can do");
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void a_row_has_as_many_cells_as_its_table_and_a_fact_is_not_empty() {
        results.table("t", "a", "b");
        assertThatThrownBy(() -> results.row("1")).hasMessageContaining("1 cells in 2 columns");
        assertThatThrownBy(() -> results.fact("commit", " ")).hasMessageContaining("commit");
    }
}
