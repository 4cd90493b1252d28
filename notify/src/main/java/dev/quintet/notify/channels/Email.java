package dev.quintet.notify.channels;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.quintet.notify.Channel;
import dev.quintet.notify.ChannelKind;
import dev.quintet.notify.Delivery;
import dev.quintet.notify.Message;
import dev.quintet.notify.Outcome;
import dev.quintet.notify.Priority;
import jakarta.mail.Address;
import jakarta.mail.MessagingException;
import jakarta.mail.Session;
import jakarta.mail.internet.AddressException;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeMessage;
import java.util.Date;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.eclipse.angus.mail.smtp.SMTPAddressFailedException;
import org.eclipse.angus.mail.smtp.SMTPSendFailedException;
import org.eclipse.angus.mail.smtp.SMTPSenderFailedException;

/**
 * Mail by SMTP (RFC 5321). Each lane keeps its own open connections, so that bulk mail in a slow
 * one holds up nothing else. A mail has one Message-ID for all its attempts: a server that took it
 * before the connection broke can drop the repeat.
 */
public final class Email implements Channel {

    private static final int IDLE_CONNECTIONS = 8;

    private final SmtpServer server;
    private final InternetAddress from;
    private final Session session;
    private final Map<Priority, BlockingQueue<SmtpConnection>> idle = new EnumMap<>(Priority.class);

    /**
     * @param url see {@link SmtpServer}
     * @param from the sender, e.g. {@code Quintet <no-reply@example.com>}; its domain is the right
     *     half of every Message-ID
     */
    public Email(String url, String from) {
        this(SmtpServer.of(url), from);
    }

    Email(SmtpServer server, String from) {
        this.server = server;
        this.from = sender(from);
        this.session = Session.getInstance(server.properties());
        for (Priority priority : Priority.values()) {
            idle.put(priority, new LinkedBlockingQueue<>(IDLE_CONNECTIONS));
        }
    }

    @Override
    public ChannelKind kind() {
        return ChannelKind.EMAIL;
    }

    @Override
    public Outcome attempt(Delivery delivery, Message message) {
        try {
            return send(compose(delivery, message), delivery.priority());
        } catch (AddressException unusable) {
            return new Outcome.Refused("not a mail address: " + unusable.getMessage());
        } catch (MessagingException unreachable) {
            return new Outcome.RetryLater(server + ": " + reason(unreachable));
        }
    }

    private Outcome send(MimeMessage mail, Priority priority) {
        SmtpConnection connection;
        try (AttemptWatch watch = new AttemptWatch(server.attempt())) {
            try {
                connection = connection(priority, watch);
                deliver(mail, connection);
            } catch (MessagingException refused) {
                return judge(refused, watch.late());
            }
        }
        // Behind the watch: another attempt may have the connection now.
        keep(priority, connection);
        return new Outcome.Delivered("accepted by " + server);
    }

    private static void deliver(MimeMessage mail, SmtpConnection connection)
            throws MessagingException {
        try {
            connection.send(mail, mail.getAllRecipients());
        } catch (MessagingException refused) {
            connection.close();
            throw refused;
        }
    }

    private MimeMessage compose(Delivery delivery, Message message) throws MessagingException {
        String id = '<' + ID.show(delivery.id()) + '@' + domain() + '>';
        MimeMessage mail = new NamedMail(session, id);
        mail.setFrom(from);
        mail.setRecipients(
                jakarta.mail.Message.RecipientType.TO,
                new Address[] {new InternetAddress(delivery.address(), true)});
        mail.setSubject(message.title(), UTF_8.name());
        mail.setText(message.body(), UTF_8.name());
        mail.setSentDate(Date.from(message.at()));
        // RFC 3834 section 5: no vacation answers to these.
        mail.setHeader("Auto-Submitted", "auto-generated");
        mail.saveChanges();
        return mail;
    }

    private static final dev.quintet.platform.IdKind ID =
            new dev.quintet.platform.IdKind("dlv", "delivery");

    private String domain() {
        String address = from.getAddress();
        return address.substring(address.lastIndexOf('@') + 1);
    }

    /**
     * An open connection of this lane, or a new one. One that the server closed meanwhile shows on
     * its first command.
     */
    private SmtpConnection connection(Priority priority, AttemptWatch watch)
            throws MessagingException {
        SmtpConnection kept = lane(priority).poll();
        if (kept != null) {
            watch.on(kept);
            if (kept.isOpen()) {
                return kept;
            }
        }
        SmtpConnection fresh = new SmtpConnection(server);
        watch.on(fresh);
        try {
            fresh.open();
        } catch (MessagingException unreachable) {
            fresh.close();
            throw unreachable;
        }
        return fresh;
    }

    private void keep(Priority priority, SmtpConnection connection) {
        if (!lane(priority).offer(connection)) {
            connection.close();
        }
    }

    private BlockingQueue<SmtpConnection> lane(Priority priority) {
        return java.util.Objects.requireNonNull(idle.get(priority));
    }

    public void close() {
        idle.values().forEach(lane -> lane.forEach(SmtpConnection::close));
    }

    /**
     * 5yz is for good, everything else may pass (RFC 5321 section 4.2.1); a broken connection tells
     * nothing, so it is tried again.
     */
    private Outcome judge(MessagingException refused, boolean late) {
        Optional<Integer> code = code(refused);
        if (code.isEmpty() && late) {
            return new Outcome.RetryLater(
                    server + ": timed out, not done in " + server.attempt().toSeconds() + " s");
        }
        String detail = server + ": " + reason(refused);
        return code.isPresent() && code.get() >= 500
                ? new Outcome.Refused(detail)
                : new Outcome.RetryLater(detail);
    }

    private static Optional<Integer> code(Exception refused) {
        for (Exception at = refused;
                at != null;
                at = at instanceof MessagingException nested ? nested.getNextException() : null) {
            int code =
                    switch (at) {
                        case SMTPAddressFailedException address -> address.getReturnCode();
                        case SMTPSenderFailedException sender -> sender.getReturnCode();
                        case SMTPSendFailedException send -> send.getReturnCode();
                        default -> -1;
                    };
            // An outer exception of a refused recipient carries no code of its own.
            if (code >= 400) {
                return Optional.of(code);
            }
        }
        return Optional.empty();
    }

    private static String reason(Exception refused) {
        String text =
                refused.getMessage() == null
                        ? refused.getClass().getSimpleName()
                        : refused.getMessage().strip();
        Throwable cause =
                refused instanceof MessagingException nested ? nested.getNextException() : null;
        String whole =
                cause == null || cause.getMessage() == null
                        ? text
                        : text + ": " + cause.getMessage().strip();
        String line = whole.replaceAll("[\\r\\n]+", " ");
        return line.length() <= 300 ? line : line.substring(0, 300);
    }

    private static InternetAddress sender(String from) {
        try {
            return new InternetAddress(from, true);
        } catch (AddressException e) {
            throw new IllegalArgumentException(
                    "'" + from + "' is not a mail address: " + e.getMessage(), e);
        }
    }

    /** A mail whose Message-ID is given, not made anew by each {@code saveChanges}. */
    private static final class NamedMail extends MimeMessage {

        private final String id;

        NamedMail(Session session, String id) {
            super(session);
            this.id = id;
        }

        @Override
        protected void updateMessageID() throws MessagingException {
            setHeader("Message-ID", id);
        }
    }
}
