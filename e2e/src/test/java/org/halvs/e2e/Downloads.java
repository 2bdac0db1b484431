package org.halvs.e2e;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.halvs.lab.Host;

/** A server whose clients say how many bytes they want; it answers with its number and the bytes, of which both sides know the hash. */
final class Downloads implements AutoCloseable {
    private static final int TIMEOUT_MILLIS = 20_000;
    private static final int MEGABYTE = 1_000_000;
    private static final byte[] BLOCK = new byte[MEGABYTE];

    static {
        new Random(7).nextBytes(BLOCK);
    }

    private final int number;
    private final List<ServerSocket> sockets = new ArrayList<>();

    private Downloads(int number) {
        this.number = number;
    }

    /** Starts it on all addresses of a host. */
    static Downloads serve(Host host, List<Integer> ports, int number) {
        Downloads server = new Downloads(number);
        try {
            for (int port : ports) {
                ServerSocket socket = host.call(() -> new ServerSocket(port, 128));
                server.sockets.add(socket);
                Thread.ofVirtual().start(() -> server.accept(socket));
            }
            return server;
        } catch (Exception e) {
            throw new IllegalStateException(host.name() + " does not serve", e);
        }
    }

    /** What it answers with. */
    int number() {
        return number;
    }

    private void accept(ServerSocket socket) {
        while (!socket.isClosed()) {
            try {
                Socket client = socket.accept();
                Thread.ofVirtual().start(() -> answer(client));
            } catch (IOException _) {
                return; // closed
            }
        }
    }

    private void answer(Socket client) {
        try (client) {
            long blocks = ByteBuffer.wrap(client.getInputStream().readNBytes(8)).getLong();
            OutputStream out = client.getOutputStream();
            out.write(number);
            for (long i = 0; i < blocks; i++) {
                out.write(BLOCK);
            }
        } catch (IOException _) {
            // the client left
        }
    }

    /** A connection from a client whose server has told its number. */
    record Begun(Socket socket, int server, int megabytes) implements AutoCloseable {

        /** Reads what was asked for; half of it only after {@code middle} has opened. Answers whether it is what was sent. */
        boolean finish(CountDownLatch middle) throws IOException, InterruptedException {
            MessageDigest received = sha256();
            MessageDigest expected = sha256();
            InputStream in = socket.getInputStream();
            for (int i = 0; i < megabytes; i++) {
                if (i == megabytes / 2) {
                    middle.await();
                }
                received.update(in.readNBytes(MEGABYTE));
                expected.update(BLOCK);
            }
            return in.read() < 0 && MessageDigest.isEqual(received.digest(), expected.digest());
        }

        /**
         * Reads what was asked for and compares every byte.
         *
         * @param progress counts the bytes that were right
         * @param slowly while it is true, about five megabytes a second are read and no more
         * @throws IOException when the connection broke, ended early or carried something else
         */
        void readAll(AtomicLong progress, BooleanSupplier slowly) throws IOException, InterruptedException {
            InputStream in = socket.getInputStream();
            byte[] buffer = new byte[1 << 16];
            long left = (long) megabytes * MEGABYTE;
            while (left > 0) {
                int at = (int) (progress.get() % MEGABYTE);
                int count = in.read(buffer, 0, (int) Math.min(Math.min(left, buffer.length), MEGABYTE - at));
                if (count < 0 || !Arrays.equals(buffer, 0, count, BLOCK, at, at + count)) {
                    throw new IOException("wrong or no bytes after " + progress);
                }
                progress.addAndGet(count);
                left -= count;
                if (slowly.getAsBoolean()) {
                    Thread.sleep(13L * count / buffer.length + 1);
                }
            }
            if (in.read() >= 0) {
                throw new IOException("more than was asked for");
            }
        }

        @Override
        public void close() {
            try {
                socket.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /**
     * Connects and asks.
     *
     * @param source the address to come from; empty for any
     */
    static Begun begin(Host from, String source, String address, int port, int megabytes) {
        try {
            return from.call(() -> {
                Socket socket = new Socket();
                if (!source.isEmpty()) {
                    socket.bind(new InetSocketAddress(InetAddress.getByName(source), 0));
                }
                socket.connect(new InetSocketAddress(InetAddress.getByName(address), port), TIMEOUT_MILLIS);
                socket.setSoTimeout(TIMEOUT_MILLIS);
                socket.getOutputStream()
                        .write(ByteBuffer.allocate(8).putLong(megabytes).array());
                return new Begun(socket, socket.getInputStream().read(), megabytes);
            });
        } catch (Exception e) {
            throw new IllegalStateException("no answer from " + address + ":" + port, e);
        }
    }

    /** The number of the server that answers a short connection. */
    static int server(Host from, String source, String address, int port) {
        try (Begun begun = begin(from, source, address, port, 0)) {
            return begun.server();
        }
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java has it", e);
        }
    }

    @Override
    public void close() {
        for (ServerSocket socket : sockets) {
            try {
                socket.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
