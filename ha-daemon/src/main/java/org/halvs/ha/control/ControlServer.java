package org.halvs.ha.control;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.Semaphore;

/**
 * Listens on the Unix socket of a run directory and hands each request to the daemon. Only root can open the socket.
 *
 * <p>One thread accepts, a virtual thread serves each connection; at most {@value #MOST_AT_ONCE} at once.
 */
public final class ControlServer implements AutoCloseable {
    /** The socket's name in the run directory. */
    public static final String SOCKET = "control.sock";

    private static final int MOST_AT_ONCE = 64;
    private static final Logger LOG = System.getLogger(ControlServer.class.getName());

    private final Path path;
    private final ServerSocketChannel listener;
    private final RequestHandler handler;
    private final Semaphore places = new Semaphore(MOST_AT_ONCE);

    /**
     * Starts listening.
     *
     * @param handler answers requests
     * @throws UncheckedIOException when the socket can't be made
     */
    public ControlServer(Path run, RequestHandler handler) {
        this.path = run.resolve(SOCKET);
        this.handler = handler;
        try {
            Files.deleteIfExists(path);
            listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
            listener.bind(UnixDomainSocketAddress.of(path));
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
        } catch (IOException e) {
            throw new UncheckedIOException("the control socket " + path + " can't be made", e);
        }
        Thread.ofPlatform().name("control-socket").daemon().start(this::accept);
    }

    private void accept() {
        while (listener.isOpen()) {
            try {
                SocketChannel connection = listener.accept();
                if (!places.tryAcquire()) {
                    connection.close();
                    continue;
                }
                Thread.ofVirtual().name("control-request").start(() -> serve(connection));
            } catch (IOException e) {
                if (listener.isOpen()) {
                    LOG.log(Level.WARNING, "control socket: {0}", e.getMessage());
                }
            }
        }
    }

    private void serve(SocketChannel connection) {
        try (connection) {
            BufferedReader in = new BufferedReader(Channels.newReader(connection, StandardCharsets.UTF_8));
            Writer out = Channels.newWriter(connection, StandardCharsets.UTF_8);
            Wire.write(out, answer(Wire.readRequest(in), part -> Wire.writePart(out, part)));
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "control request: {0}", e.getMessage());
        } finally {
            places.release();
        }
    }

    private Answer answer(Request request, RequestHandler.Progress progress) throws IOException {
        try {
            return handler.answer(request, progress);
        } catch (RuntimeException e) {
            LOG.log(Level.ERROR, "the request " + request.command() + " failed", e);
            return Answer.failed(1, "halvs: " + request.command() + " failed in the daemon: " + e + "\n");
        }
    }

    /** Stops listening and removes the socket. */
    @Override
    public void close() {
        try {
            listener.close();
            Files.deleteIfExists(path);
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "control socket: {0}", e.getMessage());
        }
    }
}
