package org.halvs.ipvs.plane;

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
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.halvs.lab.Host;
import org.halvs.linux.IpAddress;

/**
 * A server and clients of a small protocol over TCP: the client says how many bytes it wants and how many it sends; the server answers with its
 * name, the bytes, and the hash of what it got.
 */
final class Transfers implements AutoCloseable {
    private static final int TIMEOUT_MILLIS = 20_000;
    private static final byte[] BLOCK = new byte[1 << 16];

    static {
        new Random(7).nextBytes(BLOCK);
    }

    /** How many connections the server has accepted. */
    final AtomicInteger accepted = new AtomicInteger();

    private final int name;
    private final ServerSocket socket;

    private Transfers(int name, ServerSocket socket) {
        this.name = name;
        this.socket = socket;
    }

    /** Starts a server on all addresses of a host. */
    static Transfers serve(Host host, int port, int name) throws Exception {
        Transfers server = new Transfers(name, host.call(() -> new ServerSocket(port, 128)));
        Thread.ofVirtual().start(server::accept);
        return server;
    }

    /** As {@link #serve(Host, int, int)}, on one address. */
    static Transfers serve(Host host, IpAddress address, int port, int name) throws Exception {
        Transfers server = new Transfers(name, host.call(() -> new ServerSocket(port, 128, address.toInetAddress())));
        Thread.ofVirtual().start(server::accept);
        return server;
    }

    private void accept() {
        while (!socket.isClosed()) {
            try {
                Socket client = socket.accept();
                accepted.incrementAndGet();
                Thread.ofVirtual().start(() -> answer(client));
            } catch (IOException _) {
                return; // closed
            }
        }
    }

    private void answer(Socket client) {
        try (client) {
            InputStream in = client.getInputStream();
            ByteBuffer request = ByteBuffer.wrap(in.readNBytes(16));
            if (request.remaining() < 16) {
                return;
            }
            long down = request.getLong();
            long up = request.getLong();
            OutputStream out = client.getOutputStream();
            out.write(name);
            send(out, down);
            out.write(receive(in, up));
        } catch (IOException _) {
            // the client left
        }
    }

    /**
     * What a client got.
     *
     * @param server the name the server gave
     * @param millis how long it took
     * @param intact whether both directions arrived as they were sent
     */
    record Result(int server, long millis, boolean intact) {}

    /** Connects from a host, transfers and compares. */
    static Result transfer(Host from, String address, int port, long down, long up) throws Exception {
        try (Socket socket = connect(from, address, port)) {
            return transfer(socket, down, up);
        }
    }

    static Socket connect(Host from, String address, int port) throws Exception {
        return from.call(() -> {
            Socket made = new Socket();
            made.connect(new InetSocketAddress(InetAddress.getByName(address), port), TIMEOUT_MILLIS);
            made.setSoTimeout(TIMEOUT_MILLIS);
            return made;
        });
    }

    static Result transfer(Socket socket, long down, long up) throws Exception {
        long start = System.nanoTime();
        OutputStream out = socket.getOutputStream();
        InputStream in = socket.getInputStream();
        out.write(ByteBuffer.allocate(16).putLong(down).putLong(up).array());
        Thread sender = Thread.ofVirtual().start(() -> {
            try {
                send(out, up);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        int server = in.read();
        byte[] received = receive(in, down);
        sender.join();
        byte[] uploaded = in.readNBytes(32);
        long millis = (System.nanoTime() - start) / 1_000_000;
        boolean intact =
                MessageDigest.isEqual(received, expected(down)) && MessageDigest.isEqual(uploaded, expected(up));
        return new Result(server, millis, intact);
    }

    private static void send(OutputStream out, long bytes) throws IOException {
        for (long left = bytes; left > 0; left -= BLOCK.length) {
            out.write(BLOCK, 0, (int) Math.min(left, BLOCK.length));
        }
    }

    private static byte[] receive(InputStream in, long bytes) throws IOException {
        MessageDigest digest = sha256();
        byte[] buffer = new byte[1 << 16];
        for (long left = bytes; left > 0; ) {
            int count = in.read(buffer, 0, (int) Math.min(left, buffer.length));
            if (count < 0) {
                throw new IOException("ended " + left + " bytes early");
            }
            digest.update(buffer, 0, count);
            left -= count;
        }
        return digest.digest();
    }

    private static byte[] expected(long bytes) {
        MessageDigest digest = sha256();
        for (long left = bytes; left > 0; left -= BLOCK.length) {
            digest.update(BLOCK, 0, (int) Math.min(left, BLOCK.length));
        }
        return digest.digest();
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
