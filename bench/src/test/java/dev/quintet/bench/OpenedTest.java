package dev.quintet.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class OpenedTest {

    private final Opened opened = new Opened();
    private final List<String> closed = new ArrayList<>();

    private void open(String part) {
        opened.add(() -> closed.add(part));
    }

    private void openWhatDoesNotClose(String part) {
        opened.add(() -> {
            throw new IllegalStateException(part);
        });
    }

    @Test
    void the_last_opened_is_closed_first_and_each_once() {
        open("database");
        open("node");
        opened.close();
        opened.close();
        assertThat(closed).containsExactly("node", "database");
    }

    @Test
    void parts_that_do_not_close_keep_no_other_one_open() {
        open("database");
        openWhatDoesNotClose("balancer");
        open("node");
        openWhatDoesNotClose("other node");
        assertThatThrownBy(opened::close)
                .hasMessage("other node")
                .satisfies(failure ->
                        assertThat(failure.getSuppressed())
                                .singleElement()
                                .extracting(Throwable::getMessage)
                                .isEqualTo("balancer"));
        assertThat(closed).containsExactly("node", "database");
    }

    @Test
    void what_failed_first_is_told_when_the_rest_does_not_close_either() {
        open("database");
        openWhatDoesNotClose("balancer");
        AssertionError failure = new AssertionError("the node did not start");
        opened.closeAfter(failure);
        assertThat(failure.getSuppressed()).hasSize(1);
        assertThat(closed).containsExactly("database");
    }
}
