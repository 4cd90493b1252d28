package dev.quintet.bench;

import dev.quintet.bench.QuintetProcess.Settings;
import dev.quintet.platform.DataSize;
import dev.quintet.platform.sql.DatabaseUrl;
import dev.quintet.platform.sql.PostgresProcess;
import java.net.URI;
import java.nio.file.Path;

/** A PostgreSQL of the run that no server owns, as operators bring their own. */
final class ExternalPostgres implements AutoCloseable {

    // The space must arrive through the address, in which it is escaped.
    private static final String PASSWORD = "only for this run";
    private static final String MASTER_KEY = "00".repeat(32);

    private final PostgresProcess process;

    private ExternalPostgres(PostgresProcess process) {
        this.process = process;
    }

    static ExternalPostgres start(Path folder, int maxConnections) {
        return new ExternalPostgres(
                PostgresProcess.start(
                        new PostgresProcess.Settings(
                                folder,
                                Checkout.find().distribution().resolve("postgres"),
                                PASSWORD,
                                DataSize.mebibytes(128),
                                maxConnections)));
    }

    DatabaseUrl url() {
        return process.url();
    }

    /** A node over it; all of them have one master key. */
    Settings under(Settings node) {
        return node.with("QUINTET_DATABASE_URL", entered())
                .with("QUINTET_SECURITY_MASTER_KEY", MASTER_KEY);
    }

    private String entered() {
        URI plain = URI.create(url().jdbc().substring("jdbc:".length()));
        return "postgresql://%s:%s@%s%s"
                .formatted(
                        url().user(),
                        PASSWORD.replace(" ", "%20"),
                        plain.getAuthority(),
                        plain.getPath());
    }

    @Override
    public void close() {
        process.close();
    }
}
