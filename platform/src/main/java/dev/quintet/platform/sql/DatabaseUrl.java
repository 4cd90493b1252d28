package dev.quintet.platform.sql;

import dev.quintet.platform.StartRefused;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.postgresql.Driver;

/**
 * Where a PostgreSQL is and how to enter it; prints without its password.
 *
 * @param jdbc without credentials
 */
public record DatabaseUrl(String jdbc, String user, String password) {

    /** The driver's switch for values of the row in its errors, which we log and keep. */
    static final String DETAIL_IN_ERRORS = "logServerErrorDetail";

    // Hosts as the driver takes them: several with a comma between, names with an underscore.
    private static final Pattern FORM =
            Pattern.compile(
                    "(?:jdbc:)?postgres(?:ql)?://(?:(?<info>[^@/?\\s]*)@)?(?<hosts>[^@/?\\s]+)"
                            + "/(?<database>[^/?\\s]+)(?:\\?(?<query>\\S*))?");

    /**
     * Reads {@code postgresql://user:password@host:port/db} or its {@code jdbc:} form; several
     * hosts with {@code targetServerType} as pgjdbc takes them.
     */
    public static DatabaseUrl parse(String text) {
        Matcher url = FORM.matcher(text);
        if (!url.matches()) {
            throw refused();
        }
        String query = url.group("query");
        String user = fromQuery(query, "user");
        String password = fromQuery(query, "password");
        String info = url.group("info");
        if (info != null) {
            int colon = info.indexOf(':');
            user = decode(colon < 0 ? info : info.substring(0, colon));
            password = colon < 0 ? password : decode(info.substring(colon + 1));
        }
        String jdbc =
                "jdbc:postgresql://"
                        + url.group("hosts")
                        + "/"
                        + url.group("database")
                        + others(query);
        if (Driver.parseURL(jdbc, null) == null) {
            throw refused();
        }
        return new DatabaseUrl(jdbc, user, password);
    }

    static DatabaseUrl local(int port, String database, String user, String password) {
        return new DatabaseUrl(
                "jdbc:postgresql://127.0.0.1:" + port + "/" + database, user, password);
    }

    /** The same server and role, another database. */
    public DatabaseUrl database(String name) {
        int question = jdbc.indexOf('?');
        String address = question < 0 ? jdbc : jdbc.substring(0, question);
        String rest = question < 0 ? "" : jdbc.substring(question);
        return new DatabaseUrl(
                address.substring(0, address.lastIndexOf('/') + 1) + name + rest, user, password);
    }

    /** One connection outside of every pool; the caller closes it. */
    public Connection connect() throws SQLException {
        return connect(Duration.ofSeconds(10));
    }

    /** Gives up after this long. */
    Connection connect(Duration limit) throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", user);
        properties.setProperty("password", password);
        properties.setProperty("ApplicationName", "quintet");
        properties.setProperty("tcpKeepAlive", "true");
        properties.setProperty("connectTimeout", Long.toString(limit.toSeconds()));
        properties.setProperty("loginTimeout", Long.toString(limit.toSeconds()));
        properties.setProperty(DETAIL_IN_ERRORS, "false");
        return DriverManager.getConnection(jdbc, properties);
    }

    // The text may hold a password: it does not appear in the message.
    private static StartRefused refused() {
        return new StartRefused(
                "database.url is not understood; write postgresql://user:password@host:5432/database"
                        + " (percent-encode special characters of the password)");
    }

    private static String fromQuery(@Nullable String query, String name) {
        if (query != null) {
            for (String pair : query.split("&", -1)) {
                if (pair.startsWith(name + "=")) {
                    return decode(pair.substring(name.length() + 1));
                }
            }
        }
        return "";
    }

    private static String others(@Nullable String query) {
        if (query == null) {
            return "";
        }
        StringBuilder kept = new StringBuilder();
        for (String pair : query.split("&", -1)) {
            if (!pair.startsWith("user=") && !pair.startsWith("password=")) {
                kept.append(kept.isEmpty() ? '?' : '&').append(pair);
            }
        }
        return kept.toString();
    }

    private static String decode(String part) {
        try {
            return URLDecoder.decode(part.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException notPercentEncoded) {
            throw refused();
        }
    }

    @Override
    public String toString() {
        return jdbc + " as " + user;
    }
}
