package dev.quintet.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quintet.platform.StartRefused;
import dev.quintet.platform.keys.Keys;
import dev.quintet.platform.keys.MasterKey;
import dev.quintet.platform.sql.Nodes;
import dev.quintet.platform.sql.TestDatabase;
import java.net.URI;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Which node may join which others on one database. */
final class AdmissionTest {

    private static final String URL = "https://id.example.com";
    private static final Set<Systems> STATELESS =
            Set.of(Systems.AUTH, Systems.CHAT, Systems.NOTIFY);
    private static final UUID FIRST = new UUID(0, 1);
    private static final UUID SECOND = new UUID(0, 2);
    private static final UUID THIRD = new UUID(0, 3);

    private final TestDatabase test = TestDatabase.create("server");
    private final Admission admission =
            new Admission(
                    test.database(),
                    new Keys(MasterKey.parse("0a".repeat(32)), List.of(), new SecureRandom()));

    @AfterEach
    void close() {
        test.close();
    }

    @Test
    void a_node_with_a_url_does_not_join_a_live_one_without() {
        assertThat(admit(FIRST, STATELESS, "")).hasToString("http://127.0.0.1:8080");
        try (Nodes _ = live(FIRST, "auth")) {
            assertThatThrownBy(() -> admit(SECOND, STATELESS, URL))
                    .isInstanceOf(StartRefused.class)
                    .hasMessageContaining(FIRST.toString())
                    .hasMessageContaining("without a 'url'")
                    .hasMessageContaining(URL);
        }
        // It is gone: now the url is fixed, for all that follow.
        assertThat(admit(SECOND, STATELESS, URL)).isEqualTo(URI.create(URL));
        try (Nodes _ = live(SECOND, "auth")) {
            assertThat(admit(FIRST, STATELESS, URL)).isEqualTo(URI.create(URL));
            assertThatThrownBy(() -> admit(FIRST, STATELESS, "https://other.example.com"))
                    .isInstanceOf(StartRefused.class)
                    .hasMessageContaining("change-url");
        }
    }

    @Test
    void a_url_that_is_fixed_cannot_be_left_out() {
        admit(FIRST, STATELESS, URL);
        assertThatThrownBy(() -> admit(FIRST, STATELESS, ""))
                .isInstanceOf(StartRefused.class)
                .hasMessageContaining("set 'url' to it")
                .hasMessageContaining(URL);
    }

    @Test
    void a_refusal_names_the_nodes_that_keep_bytes_and_no_other() {
        admit(FIRST, STATELESS, URL);
        try (Nodes _ = live(FIRST, "auth");
                Nodes _ = live(SECOND, "files")) {
            assertThatThrownBy(() -> admit(THIRD, Set.of(Systems.ANALYTICS), URL))
                    .isInstanceOf(StartRefused.class)
                    .hasMessageContaining(SECOND.toString())
                    .hasMessageNotContaining(FIRST.toString());
            assertThat(admit(THIRD, STATELESS, URL)).isEqualTo(URI.create(URL));
        }
    }

    private URI admit(UUID node, Set<Systems> systems, String url) {
        QuintetConfig config =
                QuintetConfig.load(
                        Optional.empty(), Map.of(), url.isEmpty() ? Map.of() : Map.of("url", url));
        return admission.admit(config, node, systems, Duration.ofMinutes(1), 8080);
    }

    private Nodes live(UUID node, String system) {
        return new Nodes(test.database(), node, Set.of(system), Duration.ofSeconds(1));
    }
}
