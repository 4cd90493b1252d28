package dev.quintet.platform.sql;

import dev.quintet.platform.StartRefused;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/**
 * Where a PostgreSQL is and how to enter it; prints without its password.
 *
 * @param jdbc without credentials
 */
public record DatabaseUrl(String jdbc, String user, String password) {

    /** The driver's switch for values of the row in its errors, which we log and keep. */
    static final String DETAIL_IN_ERRORS = "logServerErrorDetail";

    /** Reads {@code postgresql://user:password@host:port/db} or its {@code jdbc:} form. */
    public static DatabaseUrl parse(String text) {
        String plain = text.startsWith("jdbc:") ? text.substring("jdbc:".length()) : text;
        try {
            URI uri = new URI(plain);
            String scheme = String.valueOf(uri.getScheme());
            boolean known = scheme.equals("postgresql") || scheme.equals("postgres");
            String host = uri.getHost();
            String path = uri.getPath();
            if (!known || host == null || path == null || path.length() < 2) {
                throw refused();
            }
            String query = uri.getRawQuery();
            String user = fromQuery(query, "user");
            String password = fromQuery(query, "password");
            String info = uri.getRawUserInfo();
            if (info != null) {
                int colon = info.indexOf(':');
                user = decode(colon < 0 ? info : info.substring(0, colon));
                password = colon < 0 ? password : decode(info.substring(colon + 1));
            }
            String address = uri.getPort() < 0 ? host : host + ":" + uri.getPort();
            return new DatabaseUrl(
                    "jdbc:postgresql://" + address + uri.getRawPath() + others(query),
                    user,
                    password);
        } catch (URISyntaxException notAUrl) {
            throw refused();
        }
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
        Properties properties = new Properties();
        properties.setProperty("user", user);
        properties.setProperty("password", password);
        properties.setProperty("ApplicationName", "quintet");
        properties.setProperty("connectTimeout", "10");
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
        return URLDecoder.decode(part.replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    @Override
    public String toString() {
        return jdbc + " as " + user;
    }
}
