package dev.quintet.platform;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** A port that passes bytes on to another one on this machine, until it is cut or held. */
public final class CutCable implements AutoCloseable {

    private final int target;
    private final int port;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private volatile ServerSocket listener;
    private volatile boolean held;
    private final AtomicInteger age = new AtomicInteger();

    public CutCable(int target) {
        this.target = target;
        this.listener = listen(0);
        this.port = listener.getLocalPort();
    }

    public int port() {
        return port;
    }

    /** Connections end, and new ones are refused. */
    public void cut() {
        closed(listener);
        open.forEach(CutCable::closed);
    }

    public void mend() {
        held = false;
        listener = listen(port);
    }

    /** Connections stay, and nothing passes any more, as in a tunnel. */
    public void hold() {
        held = true;
    }

    /** The connections of now stay and pass nothing ever again, as when a firewall forgets them. */
    public void forget() {
        age.incrementAndGet();
    }

    @Override
    public void close() {
        cut();
    }

    private ServerSocket listen(int at) {
        try {
            ServerSocket socket = new ServerSocket();
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), at));
            Thread.ofVirtual().name("cable").start(() -> accept(socket));
            return socket;
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private void accept(ServerSocket socket) {
        try {
            while (true) {
                Socket near = socket.accept();
                Socket far = new Socket(InetAddress.getLoopbackAddress(), target);
                open.add(near);
                open.add(far);
                int born = age.get();
                Thread.ofVirtual().start(() -> pass(near, far, born));
                Thread.ofVirtual().start(() -> pass(far, near, born));
            }
        } catch (IOException cut) {
            closed(socket);
        }
    }

    private void pass(Socket from, Socket to, int born) {
        byte[] buffer = new byte[8192];
        try (InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream()) {
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                if (!held && born == age.get()) {
                    out.write(buffer, 0, count);
                }
            }
        } catch (IOException ended) {
            closed(from);
        } finally {
            open.remove(from);
            closed(to);
        }
    }

    private static void closed(AutoCloseable socket) {
        try {
            socket.close();
        } catch (Exception already) {
            throw new IllegalStateException(already);
        }
    }
}
