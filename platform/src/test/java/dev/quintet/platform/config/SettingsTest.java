package dev.quintet.platform.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quintet.platform.DataSize;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class SettingsTest {

    enum Format {
        PLAIN,
        JSON_LINES
    }

    record Issuer(
            @Setting("Its name.") Optional<URI> issuer,
            @Setting(value = "Whom tokens are for.", byDefault = "quintet") String audience) {}

    record Web(
            @Setting(value = "Port.", byDefault = "8080", min = "0", max = "65535") int port,
            @Setting(value = "Longest body.", byDefault = "1 MiB", min = "1k", max = "1g")
                    DataSize maxBody,
            @Setting(value = "Longest request.", byDefault = "30s", min = "1s") Duration timeout,
            @Setting(value = "How logs look.", byDefault = "plain") Format format,
            @Setting("Proxies.") List<String> trustedProxies) {}

    record Files(@Setting("Host of user content.") Optional<URI> contentUrl) {}

    record Callers(
            @Setting("Foreign issuers.") List<Issuer> issuers,
            @Setting("Named ones.") Map<String, Issuer> named,
            @Setting("Key of all.") Optional<Secret> masterKey,
            @Setting(value = "Whether.", byDefault = "true") boolean enabled) {}

    record Root(Web http, Files files, Callers caller) {}

    private final Settings<Root> settings =
            new Settings<>(Root.class, List.of("valkey.url", "blobs.s3.*"));

    private Root load(String yaml) {
        return settings.load(yaml, Map.of(), Map.of());
    }

    private List<String> problems(String yaml, Map<String, String> environment) {
        return settings.check(yaml, environment, Map.of()).problems().stream()
                .map(Problem::toString)
                .toList();
    }

    @Test
    void what_nobody_wrote_has_its_default() {
        Root root = load("");
        assertThat(root.http())
                .isEqualTo(
                        new Web(
                                8080,
                                DataSize.mebibytes(1),
                                Duration.ofSeconds(30),
                                Format.PLAIN,
                                List.of()));
        assertThat(root.caller())
                .isEqualTo(new Callers(List.of(), Map.of(), Optional.empty(), true));
    }

    @Test
    void the_command_line_wins_over_the_environment_and_that_over_the_file() {
        String yaml = "http:\n  port: 1\n  timeout: 5s\n  maxBody: 2k\n";
        Root root =
                settings.load(
                        yaml,
                        Map.of("QUINTET_HTTP_PORT", "2", "QUINTET_HTTP_TIMEOUT", "6s"),
                        Map.of("http.port", "3"));
        assertThat(root.http().port()).isEqualTo(3);
        assertThat(root.http().timeout()).isEqualTo(Duration.ofSeconds(6));
        assertThat(root.http().maxBody()).isEqualTo(DataSize.kibibytes(2));
    }

    @Test
    void humps_and_dots_become_underscores_and_lists_are_split_at_commas() {
        Root root =
                settings.load(
                        "",
                        Map.of(
                                "QUINTET_FILES_CONTENT_URL", "https://files.example",
                                "QUINTET_HTTP_TRUSTED_PROXIES", "10.0.0.0/8, ::1",
                                "QUINTET_CALLER_ISSUERS",
                                        "[{issuer: 'https://a.example', audience: shop}]",
                                "QUINTET_MEMORY", "2g",
                                "PATH", "/bin"),
                        Map.of());
        assertThat(root.files().contentUrl()).contains(URI.create("https://files.example"));
        assertThat(root.http().trustedProxies()).containsExactly("10.0.0.0/8", "::1");
        assertThat(root.caller().issuers())
                .containsExactly(new Issuer(Optional.of(URI.create("https://a.example")), "shop"));
    }

    @Test
    void lists_and_maps_of_records_and_dotted_keys_are_read_from_the_file() {
        Root root =
                load(
                        """
                        http.format: json-lines
                        caller:
                          issuers:
                            - issuer: https://a.example
                            - issuer: https://b.example
                              audience: shop
                          named:
                            google: { issuer: https://g.example }
                          masterKey: swordfish
                        """);
        assertThat(root.http().format()).isEqualTo(Format.JSON_LINES);
        assertThat(root.caller().issuers())
                .extracting(Issuer::audience)
                .containsExactly("quintet", "shop");
        assertThat(root.caller().named()).containsOnlyKeys("google");
        assertThat(root.caller().masterKey()).contains(new Secret("swordfish"));
        assertThat(root.toString()).contains("***").doesNotContain("swordfish");
    }

    @Test
    void all_problems_are_named_at_once_with_key_line_and_nearest_valid_one() {
        String yaml =
                """
                http:
                  prot: 80
                  port: 70000
                  timeout: soon
                  format: json-line
                caller:
                  enabled: flase
                  issuers:
                    - isuer: https://a.example
                """;
        assertThat(
                        problems(
                                yaml,
                                Map.of(
                                        "QUINTET_FILES_CONTENTURL",
                                        "x",
                                        "QUINTET_HTTP_MAX_BODY",
                                        "lots")))
                .containsExactlyInAnyOrder(
                        "line 2: http.prot: there is no such setting; did you mean 'http.port'?",
                        "line 3: http.port: '70000' is above the greatest value allowed, 65535",
                        "line 4: http.timeout: 'soon' is not a duration; write 300ms, 30s, 5m, 2h or 7d",
                        "line 5: http.format: 'json-line' is not one of plain, json-lines; did you mean 'json-lines'?",
                        "line 7: caller.enabled: 'flase' is not true or false; did you mean 'false'?",
                        "line 9: caller.issuers[0].isuer: there is no such setting; did you mean 'caller.issuers[0].issuer'?",
                        "QUINTET_FILES_CONTENTURL: there is no setting with this variable; did you mean 'QUINTET_FILES_CONTENT_URL'?",
                        "QUINTET_HTTP_MAX_BODY: http.maxBody: 'lots' is not a size; write 512k, 16m, 2g or a number of bytes");
        assertThatThrownBy(() -> load(yaml)).isInstanceOf(BadSettings.class);
    }

    @Test
    void a_setting_of_a_later_version_is_called_by_its_name() {
        assertThat(
                        problems(
                                "valkey:\n  url: redis://x\nblobs:\n  s3:\n    bucket: b\n",
                                Map.of("QUINTET_BLOBS_S3_REGION", "eu")))
                .containsExactlyInAnyOrder(
                        "QUINTET_BLOBS_S3_REGION: this setting is not in this version; remove it",
                        "line 2: valkey.url: this setting is not in this version; remove it",
                        "line 5: blobs.s3.bucket: this setting is not in this version; remove it");
    }

    @Test
    void broken_yaml_a_doubled_key_and_a_file_without_keys_are_refused() {
        assertThat(problems("http:\n  port: [1\n", Map.of()))
                .hasSize(1)
                .first()
                .asString()
                .contains("line");
        assertThat(problems("http:\n  port: 1\n  port: 2\n", Map.of()))
                .first()
                .asString()
                .startsWith("line 3: this is not YAML: Duplicate");
        assertThat(problems("- a\n", Map.of())).containsExactly("line 1: the file needs keys");
        assertThat(problems("http: 8080\n", Map.of()))
                .containsExactly("line 1: http: this is a section with keys below it, not a value");
    }

    @Test
    void the_printed_defaults_say_everything_and_load_again() {
        String yaml = settings.defaultYaml();
        assertThat(yaml)
                .contains("  # Port. (0 to 65535)\n  port: 8080\n")
                .contains("  # How logs look. (plain | json-lines)\n  format: plain\n")
                .contains("  # Host of user content.\n  # contentUrl:\n")
                .contains("  trustedProxies: []\n");
        assertThat(load(yaml)).isEqualTo(load(""));
    }

    @Test
    void a_value_that_holds_a_password_is_not_repeated() {
        assertThat(problems("", Map.of("QUINTET_FILES_CONTENT_URL", "://user:hunter2@host")))
                .first()
                .asString()
                .doesNotContain("hunter2");
    }
}
