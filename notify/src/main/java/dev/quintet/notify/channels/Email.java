package dev.quintet.notify.channels;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.quintet.notify.Channel;
import dev.quintet.notify.ChannelKind;
import dev.quintet.notify.Delivery;
import dev.quintet.notify.Message;
import dev.quintet.notify.Outcome;
import dev.quintet.notify.Priority;
import dev.quintet.platform.people.EmailAddress;
import jakarta.mail.Address;
import jakarta.mail.MessagingException;
import jakarta.mail.Session;
import jakarta.mail.internet.AddressException;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeMessage;
import jakarta.mail.internet.MimeUtility;
import java.io.UnsupportedEncodingException;
import java.util.Base64;
import java.util.Date;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
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

    // How Jakarta Mail names the command that the answer to a whole mail belongs to.
    private static final String END_OF_DATA = ".";

    private final SmtpServer server;
    private final InternetAddress from;
    private final Session session;
    private final Session utf8Session;
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
        Properties utf8 = server.properties();
        utf8.setProperty(SmtpConnection.ALLOW_UTF8, "true");
        this.utf8Session = Session.getInstance(utf8);
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
        return switch (EmailAddress.read(delivery.address())) {
            case EmailAddress.Read.Bad(String why) ->
                    new Outcome.Refused("not a mail address: " + why);
            case EmailAddress.Read.Good(EmailAddress to) -> attempt(delivery, message, to);
        };
    }

    private Outcome attempt(Delivery delivery, Message message, EmailAddress to) {
        boolean utf8 = to.wire(false) instanceof EmailAddress.Wire.NeedsSmtpUtf8;
        try {
            MimeMessage mail = compose(delivery, message, to.text(), utf8);
            return utf8 ? sendInUtf8(mail, to) : send(mail, delivery.priority());
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

    /**
     * Over a connection of its own: SMTPUTF8 is asked for by no mail that could do without, since
     * not every server behind the next one has it.
     */
    private Outcome sendInUtf8(MimeMessage mail, EmailAddress to) {
        try (AttemptWatch watch = new AttemptWatch(server.attempt())) {
            try {
                SmtpConnection connection = opened(true, watch);
                if (to.wire(connection.offersUtf8())
                        instanceof EmailAddress.Wire.NeedsSmtpUtf8(String why)) {
                    connection.close();
                    return new Outcome.Refused(server + ": " + why);
                }
                deliver(mail, connection);
                connection.close();
            } catch (MessagingException refused) {
                return judge(refused, watch.late());
            }
        }
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

    private MimeMessage compose(Delivery delivery, Message message, String to, boolean utf8)
            throws MessagingException {
        String id = '<' + ID.show(delivery.id()) + '@' + domain() + '>';
        MimeMessage mail = new NamedMail(utf8 ? utf8Session : session, id);
        mail.setFrom(from);
        mail.setRecipients(
                jakarta.mail.Message.RecipientType.TO,
                new Address[] {new InternetAddress(to, true)});
        mail.setHeader("Subject", subject(message.title()));
        mail.setText(message.body(), UTF_8.name());
        mail.setSentDate(Date.from(message.at()));
        // RFC 3834 section 5: no vacation answers to these.
        mail.setHeader("Auto-Submitted", "auto-generated");
        mail.saveChanges();
        return mail;
    }

    /**
     * As an unstructured header (RFC 5322 section 2.2.1). A title of plain letters that looks like
     * an encoded word is encoded itself, else readers would decode what nobody encoded (RFC 2047).
     */
    private static String subject(String title) throws MessagingException {
        try {
            boolean plain = title.chars().allMatch(c -> c < 0x80);
            String text =
                    plain && title.contains("=?")
                            ? encoded(title)
                            : MimeUtility.encodeText(title, UTF_8.name(), null);
            return MimeUtility.fold("Subject: ".length(), text);
        } catch (UnsupportedEncodingException impossible) {
            throw new MessagingException("UTF-8 is part of every JDK", impossible);
        }
    }

    /** An encoded word has 75 characters at most, so 45 bytes in base64. */
    private static String encoded(String ascii) {
        StringBuilder words = new StringBuilder();
        for (int at = 0; at < ascii.length(); at += 45) {
            byte[] part = ascii.substring(at, Math.min(ascii.length(), at + 45)).getBytes(UTF_8);
            words.append(at == 0 ? "=?UTF-8?B?" : " =?UTF-8?B?")
                    .append(Base64.getEncoder().encodeToString(part))
                    .append("?=");
        }
        return words.toString();
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
        return opened(false, watch);
    }

    private SmtpConnection opened(boolean utf8, AttemptWatch watch) throws MessagingException {
        SmtpConnection fresh = new SmtpConnection(server, utf8);
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
     * Only what the server says of this recipient or of this mail is for good (RFC 5321 section
     * 4.2.1). What it says of the sender or of the session is the operator's to mend, and a broken
     * connection tells nothing: both wait.
     */
    private Outcome judge(MessagingException refused, boolean late) {
        Optional<Reply> reply = reply(refused);
        if (reply.isEmpty() && late) {
            return new Outcome.RetryLater(
                    server + ": timed out, not done in " + server.attempt().toSeconds() + " s");
        }
        String detail = server + ": " + reason(refused);
        if (reply.isEmpty() || reply.get().code() < 500) {
            return new Outcome.RetryLater(detail);
        }
        return reply.get().isForGood()
                ? new Outcome.Refused(detail)
                : new Outcome.RetryLater(
                        detail + " (it refuses this server or its sender, not the recipient)");
    }

    private static Optional<Reply> reply(Exception refused) {
        for (Exception at = refused;
                at != null;
                at = at instanceof MessagingException nested ? nested.getNextException() : null) {
            Optional<Reply> reply =
                    switch (at) {
                        case SMTPAddressFailedException address ->
                                Optional.of(
                                        new Reply(true, address.getReturnCode(), text(address)));
                        case SMTPSenderFailedException sender ->
                                Optional.of(new Reply(false, sender.getReturnCode(), text(sender)));
                        case SMTPSendFailedException send ->
                                Optional.of(
                                        new Reply(
                                                END_OF_DATA.equals(send.getCommand()),
                                                send.getReturnCode(),
                                                text(send)));
                        default -> Optional.empty();
                    };
            // An outer exception of a refused recipient carries no code of its own.
            if (reply.filter(said -> said.code() >= 400).isPresent()) {
                return reply;
            }
        }
        return Optional.empty();
    }

    private static String text(Exception said) {
        return String.valueOf(said.getMessage());
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
            InternetAddress sender = new InternetAddress(from, true);
            sender.setAddress(onWire(sender.getAddress()));
            return sender;
        } catch (AddressException e) {
            throw new IllegalArgumentException(
                    "'" + from + "' is not a mail address: " + e.getMessage(), e);
        }
    }

    private static String onWire(String address) {
        return switch (EmailAddress.read(address)) {
            case EmailAddress.Read.Bad(String why) ->
                    throw new IllegalArgumentException("'" + address + "' cannot send: " + why);
            case EmailAddress.Read.Good(EmailAddress sender) ->
                    switch (sender.wire(false)) {
                        case EmailAddress.Wire.Ready(String ready) -> ready;
                        case EmailAddress.Wire.NeedsSmtpUtf8 needs ->
                                throw new IllegalArgumentException(
                                        "'"
                                                + address
                                                + "' cannot send: the part before the @ must be"
                                                + " ASCII, since not every server takes more");
                    };
        };
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
