package dev.quintet.server;

import dev.quintet.analytics.AnalyticsConfig;
import dev.quintet.auth.AuthConfig;
import dev.quintet.chat.ChatConfig;
import dev.quintet.files.FilesConfig;
import dev.quintet.notify.NotifyConfig;
import dev.quintet.notify.channels.Email;
import dev.quintet.platform.StartRefused;
import dev.quintet.platform.caller.CallerConfig;
import dev.quintet.platform.caller.LimitsConfig;
import dev.quintet.platform.config.Secret;
import dev.quintet.platform.config.Setting;
import dev.quintet.platform.config.Settings;
import dev.quintet.platform.egress.EgressConfig;
import dev.quintet.platform.http.HttpConfig;
import dev.quintet.platform.sql.Database;
import dev.quintet.platform.sql.DatabaseUrl;
import dev.quintet.platform.telemetry.TelemetryConfig;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** Every setting of the server, one record per concern. */
record QuintetConfig(
        @Setting(
                        "Public base address and issuer of tokens, e.g. https://id.example.com; fixed once it was used. Unset: http://127.0.0.1:PORT.")
                Optional<URI> url,
        HttpConfig http,
        DatabaseConfig database,
        SecurityConfig security,
        CallerConfig caller,
        LimitsConfig limits,
        EgressConfig egress,
        TelemetryConfig telemetry,
        AuthConfig auth,
        NotifyConfig notify_,
        ChatConfig chat,
        FilesConfig files,
        AnalyticsConfig analytics) {

    /**
     * Features that later versions bring; their keys are known, so that nobody believes them to
     * work.
     */
    static final Settings<QuintetConfig> SETTINGS =
            new Settings<>(QuintetConfig.class, List.of("valkey.*", "kafka.*", "blobs.*"));

    /** Which PostgreSQL. */
    record DatabaseConfig(
            @Setting(
                            "An external PostgreSQL 17 or newer, postgresql://user:password@host:port/db (several hosts with commas, and targetServerType, as pgjdbc takes them); unset, the embedded one runs.")
                    Optional<Secret> url,
            @Setting(
                            value =
                                    "Connections for requests; a node holds four more than both pools.",
                            byDefault = "24",
                            min = "4",
                            max = "1000")
                    int connections,
            @Setting(
                            value = "Connections for work that nobody waits for.",
                            byDefault = "12",
                            min = "4",
                            max = "1000")
                    int backgroundConnections) {

        Database.Limits limits() {
            return new Database.Limits(
                    connections,
                    backgroundConnections,
                    Database.Limits.DEFAULT.statement(),
                    Database.Limits.DEFAULT.patience());
        }
    }

    /** Where the master key comes from. */
    record SecurityConfig(
            @Setting("The 32-byte master key in base64 or hex; unset, DIR/master.key.")
                    Optional<Secret> masterKey,
            @Setting("A file that holds the master key.") Optional<Path> masterKeyFile) {}

    static QuintetConfig load(
            Optional<Path> file, Map<String, String> environment, Map<String, String> options) {
        Map<String, String> settings = new HashMap<>(environment);
        // These two choose what is started, not how it runs: the launcher and --data read them.
        settings.remove("QUINTET_DATA");
        settings.remove("QUINTET_MEMORY");
        QuintetConfig config =
                SETTINGS.load(file.map(QuintetConfig::read).orElse(""), settings, options);
        config.url().ifPresent(QuintetConfig::requireBase);
        check(
                "database.url",
                () -> config.database().url().map(url -> DatabaseUrl.parse(url.reveal())));
        NotifyConfig.Smtp smtp = config.notify_().smtp();
        check("notify.smtp", () -> smtp.url().map(url -> new Email(url.reveal(), smtp.from())));
        return config;
    }

    /** Pages and endpoints are named by adding to it. */
    private static void requireBase(URI url) {
        boolean web = "https".equals(url.getScheme()) || "http".equals(url.getScheme());
        boolean bare =
                url.getRawQuery() == null
                        && url.getRawFragment() == null
                        && url.getRawUserInfo() == null
                        && url.getRawPath().replace("/", "").isEmpty();
        if (!web || url.getHost() == null || !bare) {
            throw new StartRefused(
                    "url: '"
                            + url
                            + "' is no base address; write one like https://id.example.com, without path and query");
        }
    }

    private static void check(String key, Supplier<Optional<?>> made) {
        try {
            var _ = made.get();
        } catch (IllegalArgumentException unfit) {
            throw new StartRefused(key + ": " + unfit.getMessage(), unfit);
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new StartRefused(
                    "cannot read the settings in " + file + ": " + e.getMessage(), e);
        }
    }
}
