package dev.quintet.notify.channels;

import jakarta.mail.Address;
import jakarta.mail.MessagingException;
import jakarta.mail.Session;
import jakarta.mail.Transport;
import jakarta.mail.internet.MimeMessage;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.Properties;
import javax.net.SocketFactory;
import org.eclipse.angus.mail.smtp.SMTPTransport;

/**
 * One connection to a mail server that can be cut from outside. Jakarta Mail's own {@code close}
 * waits for the thread that sends, and its timeouts begin anew with every byte that comes.
 */
final class SmtpConnection {

    /** Jakarta Mail's setting; without it an envelope loses the high byte of each character. */
    static final String ALLOW_UTF8 = "mail.mime.allowutf8";

    private final SmtpServer server;
    private final Transport transport;

    // Guarded by this; the thread that connects gives it, the one that cuts takes it.
    private Socket socket = new Socket();
    private boolean cut;

    /**
     * @param utf8 whether addresses go out in UTF-8 (RFC 6531), where the server offers that
     */
    SmtpConnection(SmtpServer server, boolean utf8) throws MessagingException {
        this.server = server;
        Properties properties = server.properties();
        properties.setProperty(ALLOW_UTF8, Boolean.toString(utf8));
        // TLS goes around it, from the first byte as after STARTTLS.
        properties.put("mail." + server.protocol() + ".socketFactory", new Plain());
        this.transport = Session.getInstance(properties).getTransport(server.protocol());
    }

    void open() throws MessagingException {
        transport.connect(
                server.host(),
                server.port(),
                server.user().orElse(null),
                server.password().orElse(null));
    }

    /** Asks the server, which may have left meanwhile. */
    boolean isOpen() {
        return transport.isConnected();
    }

    boolean offersUtf8() {
        return transport instanceof SMTPTransport smtp && smtp.supportsExtension("SMTPUTF8");
    }

    void send(MimeMessage mail, Address[] to) throws MessagingException {
        transport.sendMessage(mail, to);
    }

    /** From any thread: whoever waits for the server fails at once. */
    synchronized void cut() {
        cut = true;
        try {
            socket.close();
        } catch (IOException alreadyGone) {
            // It is given up either way.
        }
    }

    void close() {
        try {
            transport.close();
        } catch (MessagingException alreadyGone) {
            // The connection is given up either way.
        }
    }

    private synchronized Socket fresh() throws IOException {
        if (cut) {
            throw new IOException("the attempt is over");
        }
        socket = new Socket();
        return socket;
    }

    /** Makes the sockets that this connection remembers; Jakarta Mail connects them itself. */
    private final class Plain extends SocketFactory {

        @Override
        public Socket createSocket() throws IOException {
            return fresh();
        }

        @Override
        public Socket createSocket(String host, int port) throws IOException {
            throw new IOException("only unconnected sockets are made");
        }

        @Override
        public Socket createSocket(String host, int port, InetAddress from, int fromPort)
                throws IOException {
            return createSocket(host, port);
        }

        @Override
        public Socket createSocket(InetAddress host, int port) throws IOException {
            return createSocket(host.getHostAddress(), port);
        }

        @Override
        public Socket createSocket(InetAddress host, int port, InetAddress from, int fromPort)
                throws IOException {
            return createSocket(host, port);
        }
    }
}
