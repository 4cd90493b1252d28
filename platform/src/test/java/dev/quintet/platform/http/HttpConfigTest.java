package dev.quintet.platform.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quintet.platform.DataSize;
import dev.quintet.platform.config.Settings;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The door's settings as an operator writes them. */
final class HttpConfigTest {

    record Root(HttpConfig http) {}

    private final Settings<Root> settings = new Settings<>(Root.class, List.of());

    @Test
    void every_setting_has_a_default() {
        HttpConfig config = Settings.defaults(HttpConfig.class);
        assertThat(config.port()).isEqualTo(8080);
        assertThat(config.maxBody()).isEqualTo(DataSize.mebibytes(1));
        assertThat(config.lanes().patience()).isEqualTo(Duration.ofSeconds(2));
        assertThat(config.trustedProxies()).isEmpty();
    }

    @Test
    void lanes_and_lists_are_written_in_the_file_and_in_variables() {
        HttpConfig config =
                settings.load(
                                "http:\n  lanes:\n    hash: 2\n",
                                Map.of("QUINTET_HTTP_TRUSTED_PROXIES", "10.0.0.0/8,::1"),
                                Map.of())
                        .http();
        assertThat(config.lanes().hash()).isEqualTo(2);
        assertThat(config.trustedProxies()).containsExactly("10.0.0.0/8", "::1");
    }

    @Test
    void a_proxy_that_is_no_address_stops_the_start() {
        assertThatThrownBy(() ->
                        settings.load("http:\n  trustedProxies: [router]\n", Map.of(), Map.of()))
                .hasMessageContaining("router");
    }
}
