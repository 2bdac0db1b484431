package org.halvs.check.protocol;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.halvs.check.CheckTarget;
import org.halvs.linux.IpAddress;

/** A TCP server on loopback that handles every connection by a script, on a virtual thread of its own, and remembers the lines it read. */
final class ScriptedServer implements AutoCloseable {

    /** What the server does with a connection. */
    @FunctionalInterface
    interface Script {
        void play(Peer peer) throws IOException, InterruptedException;
    }

    /** One accepted connection. */
    final class Peer {
        final InputStream in;
        final OutputStream out;
        final Socket socket;

        Peer(Socket socket) throws IOException {
            this.socket = socket;
            this.in = socket.getInputStream();
            this.out = socket.getOutputStream();
        }

        void send(String text) throws IOException {
            out.write(text.getBytes(StandardCharsets.ISO_8859_1));
            out.flush();
        }

        void send(byte[] bytes) throws IOException {
            out.write(bytes);
            out.flush();
        }

        /** The next line without CR LF; empty at the end of the file, too. */
        String line() throws IOException {
            StringBuilder line = new StringBuilder();
            for (int c = in.read(); c >= 0 && c != '\n'; c = in.read()) {
                line.append((char) c);
            }
            String text = line.toString().replace("\r", "");
            lines.add(text);
            return text;
        }

        /** Reads lines up to an empty one. */
        void header() throws IOException {
            while (!line().isEmpty()) {
                // recorded by line()
            }
        }

        byte[] bytes(int count) throws IOException {
            return in.readNBytes(count);
        }

        void hang() throws InterruptedException {
            Thread.sleep(60_000);
        }
    }

    private final ServerSocket listener;
    private final CheckTarget target;
    private final Thread acceptor;
    private final List<String> lines = new CopyOnWriteArrayList<>();
    private final List<Socket> open = new CopyOnWriteArrayList<>();

    ScriptedServer(Script script) throws IOException {
        this(new ServerSocket(), script);
    }

    /** On a socket of the caller's making, which may be one with TLS. */
    ScriptedServer(ServerSocket socket, Script script) throws IOException {
        listener = socket;
        if (!listener.isBound()) {
            listener.bind(new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), 0), 4096);
        }
        target = new CheckTarget(IpAddress.of(listener.getInetAddress()), listener.getLocalPort());
        acceptor = Thread.ofVirtual().name("scripted-server").start(() -> accept(script));
    }

    private void accept(Script script) {
        while (!listener.isClosed()) {
            try {
                Socket socket = listener.accept();
                open.add(socket);
                Thread.ofVirtual().start(() -> serve(socket, script));
            } catch (IOException e) {
                return;
            }
        }
    }

    private void serve(Socket socket, Script script) {
        try (socket) {
            script.play(new Peer(socket));
        } catch (IOException | InterruptedException e) {
            // the client went away, or the test is over
        } finally {
            open.remove(socket);
        }
    }

    CheckTarget target() {
        return target;
    }

    /** All lines read so far, in order. */
    List<String> lines() {
        return lines;
    }

    @Override
    public void close() throws IOException {
        listener.close();
        for (Socket socket : open) {
            socket.close();
        }
        try {
            acceptor.join(); // the port is closed for good only when nobody waits on it
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
