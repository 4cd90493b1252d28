package dev.quintet.notify;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.Writer;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A mail server that misbehaves by script: each mail takes the next behaviour, and the last one for
 * ever. HANG reads and never says a word, from the greeting on, whatever the protocol; DRIP says a
 * greeting that never ends, a byte at a time. REFUSE_GREETING, _SENDER and _RECIPIENT say no at
 * once, at MAIL and at RCPT.
 */
public final class ScriptedSmtp implements AutoCloseable {

    public enum Behaviour {
        ACCEPT,
        REFUSE_FOR_NOW,
        REFUSE_FOR_GOOD,
        REFUSE_SENDER,
        REFUSE_RECIPIENT,
        REFUSE_GREETING,
        DROP_AFTER_DATA,
        HANG,
        DRIP
    }

    public record Mail(String text) {

        public String messageId() {
            return text.lines()
                    .filter(line -> line.regionMatches(true, 0, "Message-ID:", 0, 11))
                    .findFirst()
                    .orElseThrow()
                    .substring(11)
                    .strip();
        }
    }

    private final ServerSocket server = new ServerSocket(0, 1024, InetAddress.getLoopbackAddress());
    private final Queue<Behaviour> script = new ConcurrentLinkedQueue<>();
    private final List<Mail> seen = new CopyOnWriteArrayList<>();
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();
    private final List<String> commands = new CopyOnWriteArrayList<>();
    private volatile boolean smtpUtf8;
    private volatile String refusal = "550 no such mailbox";
    private volatile Runnable beforeAnswer = () -> {};
    private volatile Runnable afterAnswer = () -> {};

    public ScriptedSmtp(Behaviour... behaviours) throws IOException {
        script.addAll(List.of(behaviours));
        Thread.ofVirtual().start(this::acceptAll);
    }

    /** Offers SMTPUTF8 (RFC 6531) from now on. */
    public ScriptedSmtp offeringSmtpUtf8() {
        smtpUtf8 = true;
        return this;
    }

    /** What a refusal at MAIL, RCPT or the end of a mail says from now on. */
    public ScriptedSmtp refusingBy(String line) {
        refusal = line;
        return this;
    }

    /** Every command line, read as UTF-8, in order. */
    public List<String> commands() {
        return commands;
    }

    public String url() {
        return "smtp://127.0.0.1:" + server.getLocalPort();
    }

    /** Every mail whose text came whole, accepted or not, in order. */
    public List<Mail> seen() {
        return seen;
    }

    /** Runs right before and right after the answer to a mail is sent. */
    void aroundAnswer(Runnable before, Runnable after) {
        beforeAnswer = before;
        afterAnswer = after;
    }

    private void acceptAll() {
        while (!server.isClosed()) {
            try {
                Socket socket = server.accept();
                sockets.add(socket);
                Thread.ofVirtual().start(() -> serve(socket));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            BufferedReader in =
                    new BufferedReader(new InputStreamReader(socket.getInputStream(), UTF_8));
            OutputStream out = socket.getOutputStream();
            if (script.peek() == Behaviour.HANG) {
                in.transferTo(Writer.nullWriter());
                return;
            }
            if (script.peek() == Behaviour.DRIP) {
                drip(socket);
                return;
            }
            if (script.peek() == Behaviour.REFUSE_GREETING) {
                next();
                say(out, "554 no service here");
                return;
            }
            say(out, "220 scripted");
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                commands.add(line);
                if (line.startsWith("EHLO") && smtpUtf8) {
                    say(out, "250-scripted\r\n250-8BITMIME\r\n250 SMTPUTF8");
                } else if (refuses(line)) {
                    next();
                    say(out, refusal);
                } else if (line.startsWith("DATA")) {
                    say(out, "354 go on");
                    seen.add(read(in));
                    if (!answer(out)) {
                        return;
                    }
                } else if (line.startsWith("QUIT")) {
                    say(out, "221 bye");
                    return;
                } else {
                    say(out, "250 ok");
                }
            }
        } catch (IOException cut) {
            // The client left, as scripts and crashes make it.
        }
    }

    private boolean refuses(String line) {
        return (line.startsWith("MAIL") && script.peek() == Behaviour.REFUSE_SENDER)
                || (line.startsWith("RCPT") && script.peek() == Behaviour.REFUSE_RECIPIENT);
    }

    private Behaviour next() {
        return script.size() > 1 ? script.remove() : script.element();
    }

    /** Until the client leaves, which shows as the end of what it sends. */
    private static void drip(Socket socket) throws IOException {
        socket.setSoTimeout(20);
        for (int read = 0; read >= 0; ) {
            socket.getOutputStream().write('2');
            try {
                read = socket.getInputStream().read();
            } catch (SocketTimeoutException silent) {
                read = 0;
            }
        }
    }

    private boolean answer(OutputStream out) throws IOException {
        beforeAnswer.run();
        Behaviour behaviour = next();
        switch (behaviour) {
            case ACCEPT -> say(out, "250 queued");
            case REFUSE_FOR_NOW -> say(out, "451 try later");
            case REFUSE_FOR_GOOD -> say(out, refusal);
            case REFUSE_SENDER, REFUSE_RECIPIENT, REFUSE_GREETING -> say(out, "250 queued");
            case DROP_AFTER_DATA, HANG, DRIP -> {
                return false;
            }
        }
        afterAnswer.run();
        return true;
    }

    private static Mail read(BufferedReader in) throws IOException {
        StringBuilder text = new StringBuilder();
        for (String line = in.readLine(); line != null && !line.equals("."); line = in.readLine()) {
            text.append(line).append('\n');
        }
        return new Mail(text.toString());
    }

    private static void say(OutputStream out, String line) throws IOException {
        out.write((line + "\r\n").getBytes(UTF_8));
        out.flush();
    }

    @Override
    public void close() throws IOException {
        server.close();
        for (Socket socket : sockets) {
            socket.close();
        }
    }
}
