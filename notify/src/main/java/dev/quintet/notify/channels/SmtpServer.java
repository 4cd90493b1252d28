package dev.quintet.notify.channels;

import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.Properties;

/**
 * Where mail is handed over: {@code smtp://user:password@host:587} (STARTTLS when offered), {@code
 * smtp+starttls://} (STARTTLS or nothing), {@code smtps://} (TLS from the first byte).
 *
 * @param answer how long the server may be silent; a server that hangs costs this much and no more
 * @param attempt how long one attempt may take, however often the server says something
 */
record SmtpServer(
        String scheme,
        String host,
        int port,
        Optional<String> user,
        Optional<String> password,
        Duration answer,
        Duration attempt) {

    private static final Duration ANSWER = Duration.ofSeconds(30);
    private static final Duration ATTEMPT = Duration.ofSeconds(60);

    static SmtpServer of(String url) {
        URI uri = URI.create(url);
        String scheme = String.valueOf(uri.getScheme());
        int port =
                switch (scheme) {
                    case "smtp" -> 25;
                    case "smtp+starttls" -> 587;
                    case "smtps" -> 465;
                    default ->
                            throw new IllegalArgumentException(
                                    "an SMTP address starts with smtp://, smtp+starttls:// or smtps://");
                };
        if (uri.getHost() == null) {
            throw new IllegalArgumentException(
                    "an SMTP address names a host, as in smtp://127.0.0.1:25");
        }
        String[] login =
                uri.getUserInfo() == null ? new String[0] : uri.getUserInfo().split(":", 2);
        return new SmtpServer(
                scheme,
                uri.getHost(),
                uri.getPort() < 0 ? port : uri.getPort(),
                login.length > 0 ? Optional.of(login[0]) : Optional.empty(),
                login.length > 1 ? Optional.of(login[1]) : Optional.empty(),
                ANSWER,
                ATTEMPT);
    }

    SmtpServer answeringWithin(Duration limit) {
        return new SmtpServer(scheme, host, port, user, password, limit, attempt);
    }

    SmtpServer attemptedWithin(Duration limit) {
        return new SmtpServer(scheme, host, port, user, password, answer, limit);
    }

    /** Jakarta Mail's settings for it; the protocol name is {@code smtp} or {@code smtps}. */
    Properties properties() {
        String prefix = "mail." + protocol() + '.';
        Properties properties = new Properties();
        properties.setProperty(prefix + "connectiontimeout", "10000");
        properties.setProperty(prefix + "timeout", Long.toString(answer.toMillis()));
        properties.setProperty(prefix + "writetimeout", Long.toString(answer.toMillis()));
        properties.setProperty(prefix + "ssl.checkserveridentity", "true");
        properties.setProperty(prefix + "quitwait", "false");
        if (!scheme.equals("smtps")) {
            properties.setProperty(prefix + "starttls.enable", "true");
            properties.setProperty(
                    prefix + "starttls.required", Boolean.toString(scheme.equals("smtp+starttls")));
        }
        properties.setProperty(prefix + "auth", Boolean.toString(user.isPresent()));
        return properties;
    }

    String protocol() {
        return scheme.equals("smtps") ? "smtps" : "smtp";
    }

    @Override
    public String toString() {
        return scheme + "://" + host + ':' + port;
    }
}
