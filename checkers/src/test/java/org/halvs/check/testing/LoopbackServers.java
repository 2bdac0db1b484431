package org.halvs.check.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import org.halvs.check.CheckTarget;
import org.halvs.linux.IpAddress;

/** TCP servers on 127.0.0.1 that do with each connection what a test wants; they end when this is closed. */
public final class LoopbackServers implements AutoCloseable {
    private static final int BACKLOG = 500;

    private final List<ServerSocket> listeners = new ArrayList<>();

    /** What a server does with one connection; closed afterwards. */
    @FunctionalInterface
    public interface Behaviour {
        void serve(InputStream in, OutputStream out) throws IOException, InterruptedException;
    }

    /** Starts a server. */
    public CheckTarget serve(Behaviour behaviour) throws IOException {
        ServerSocket listener = new ServerSocket();
        listener.bind(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), BACKLOG);
        listeners.add(listener);
        Thread.ofVirtual().start(() -> {
            while (!listener.isClosed()) {
                try {
                    Socket socket = listener.accept();
                    Thread.ofVirtual().start(() -> one(socket, behaviour));
                } catch (IOException e) {
                    return;
                }
            }
        });
        return new CheckTarget(IpAddress.of("127.0.0.1"), listener.getLocalPort());
    }

    private static void one(Socket socket, Behaviour behaviour) {
        try (socket) {
            behaviour.serve(socket.getInputStream(), socket.getOutputStream());
        } catch (IOException | InterruptedException e) {
            // the check went away
        }
    }

    @Override
    public void close() throws IOException {
        for (ServerSocket listener : listeners) {
            listener.close();
        }
    }
}
