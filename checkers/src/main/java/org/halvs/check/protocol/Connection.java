package org.halvs.check.protocol;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import org.halvs.check.CheckTarget;
import org.halvs.check.Conversation;

/**
 * A TCP connection of one probe, with or without TLS: buffered, bounded, and none of its operations outlasts the deadline. Confined to the
 * thread of the probe.
 */
final class Connection implements AutoCloseable {
    /** Longest line any protocol of ours is read with; RFC 5321 and its kin allow 512 to 8192 bytes. */
    static final int MAX_LINE_BYTES = 16 * 1024;

    /** As much of a message of a binary protocol as is kept. */
    static final int MAX_MESSAGE_BYTES = 64 * 1024;

    private static final int BUFFER_BYTES = 4096;

    private static final Duration FAREWELL_PATIENCE = Duration.ofMillis(200);

    private final CheckTarget target;
    private final Deadline deadline;
    private final TimedSocket plain;
    private Socket socket;
    private InputStream in;
    private OutputStream out;
    private final byte[] buffer = new byte[BUFFER_BYTES];
    private int position;
    private int limit;

    private Connection(CheckTarget target, TimedSocket socket, Deadline deadline) throws IOException {
        this.target = target;
        this.deadline = deadline;
        this.plain = socket;
        this.socket = socket;
        this.in = socket.getInputStream();
        this.out = socket.getOutputStream();
    }

    /** Connects in plain text. */
    static Connection open(CheckTarget target, Deadline deadline) throws IOException {
        TimedSocket socket = new TimedSocket(deadline);
        try {
            socket.connect(
                    new InetSocketAddress(target.address().toInetAddress(), target.port()), deadline.remainingMillis());
            return new Connection(target, socket, deadline);
        } catch (IOException | RuntimeException e) {
            socket.close();
            throw e;
        }
    }

    /** Waits for {@code peer} to connect to us; whoever else does is turned away. */
    static Connection accept(TimedSocket.Listener listener, CheckTarget peer, Deadline deadline) throws IOException {
        while (true) {
            TimedSocket socket = listener.accept(deadline);
            if (socket.getInetAddress().equals(peer.address().toInetAddress())) {
                return new Connection(peer, socket, deadline);
            }
            socket.close();
        }
    }

    /** Connects and does the TLS handshake; {@code name} as in {@link Tls#handshake}. */
    static Connection openTls(CheckTarget target, Tls tls, String name, Deadline deadline) throws IOException {
        Connection connection = open(target, deadline);
        try {
            connection.startTls(tls, name);
            return connection;
        } catch (IOException | RuntimeException e) {
            connection.close();
            throw e;
        }
    }

    private void startTls(Tls tls, String name) throws IOException {
        socket = tls.handshake(socket, target, name);
        in = socket.getInputStream();
        out = socket.getOutputStream();
    }

    /** Our end of the connection. */
    InetSocketAddress localAddress() {
        return (InetSocketAddress) socket.getLocalSocketAddress();
    }

    void send(byte[] bytes) throws IOException {
        out.write(bytes);
        out.flush();
    }

    void send(String text) throws IOException {
        send(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** Sends {@code line} and CR LF. */
    void sendLine(String line) throws IOException {
        send(line + "\r\n");
    }

    /** Ends what we send; the peer sees the end of file. */
    void finishSending() throws IOException {
        socket.shutdownOutput();
    }

    /**
     * Says goodbye after the verdict: sends {@code bytes} and waits for a moment for the peer to close, so that it does not log a lost connection.
     */
    void farewell(byte[] bytes) {
        try {
            plain.shortenTo(Deadline.in(FAREWELL_PATIENCE));
            send(bytes);
            for (int i = 0; i < 64 && fill(); i++) {
                position = limit;
            }
        } catch (IOException e) {
            // the verdict stands already
        }
    }

    void farewell(String line) {
        farewell((line + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
    }

    /** The next byte, or -1 at the end. */
    int read() throws IOException {
        return position < limit || fill() ? buffer[position++] & 0xff : -1;
    }

    /** Some bytes, as many as are there; -1 at the end. */
    int read(byte[] bytes, int offset, int length) throws IOException {
        if (position == limit) {
            if (length >= BUFFER_BYTES) {
                deadline.remainingMillis();
                return in.read(bytes, offset, length);
            }
            if (!fill()) {
                return -1;
            }
        }
        int count = Math.min(length, limit - position);
        System.arraycopy(buffer, position, bytes, offset, count);
        position += count;
        return count;
    }

    /** Exactly {@code count} bytes, which is at most {@link #MAX_MESSAGE_BYTES}; room for them is made as they come. */
    byte[] readFully(int count) throws IOException {
        byte[] bytes = new byte[Math.min(count, BUFFER_BYTES)];
        int have = 0;
        while (have < count) {
            if (have == bytes.length) {
                bytes = Arrays.copyOf(bytes, Math.min(count, have * 2));
            }
            int read = read(bytes, have, bytes.length - have);
            if (read < 0) {
                throw new EOFException();
            }
            have += read;
        }
        return bytes;
    }

    /** A message of {@code length} bytes, of a longer one than {@link #MAX_MESSAGE_BYTES} only the beginning; the rest is read and dropped. */
    byte[] readMessage(long length) throws IOException {
        byte[] kept = readFully((int) Math.min(length, MAX_MESSAGE_BYTES));
        byte[] dropped = new byte[length > kept.length ? BUFFER_BYTES : 0];
        for (long left = length - kept.length; left > 0; ) {
            int read = read(dropped, 0, (int) Math.min(left, dropped.length));
            if (read < 0) {
                throw new EOFException();
            }
            left -= read;
        }
        return kept;
    }

    /**
     * The next line without its end (LF or CR LF).
     *
     * @throws EOFException when the connection ends before the line does
     * @throws MalformedAnswerException when the line is longer than {@link #MAX_LINE_BYTES}
     */
    String readLine() throws IOException {
        byte[] line = new byte[128];
        int length = 0;
        while (true) {
            int next = read();
            if (next < 0) {
                throw new EOFException();
            }
            if (next == '\n') {
                break;
            }
            if (length == MAX_LINE_BYTES) {
                throw new MalformedAnswerException("a line of more than " + MAX_LINE_BYTES + " bytes");
            }
            if (length == line.length) {
                line = Arrays.copyOf(line, length * 2);
            }
            line[length++] = (byte) next;
        }
        if (length > 0 && line[length - 1] == '\r') {
            length--;
        }
        return new String(line, 0, length, StandardCharsets.ISO_8859_1);
    }

    /** Lends itself to {@code conversation} until that has come to its end. */
    Conversation.End hold(Conversation conversation) throws IOException {
        Conversation.Turn turn = conversation.opening();
        while (true) {
            switch (turn) {
                case Conversation.End end -> {
                    return end;
                }
                case Conversation.Say say -> {
                    send(say.bytes());
                    turn = listen(conversation);
                }
                case Conversation.Listen _ -> turn = listen(conversation);
            }
        }
    }

    private Conversation.Turn listen(Conversation conversation) throws IOException {
        if (position == limit && !fillOrEnd()) {
            return conversation.ended();
        }
        byte[] heard = position == 0 ? buffer : Arrays.copyOfRange(buffer, position, limit);
        int length = limit - position;
        position = limit;
        return conversation.heard(heard, length);
    }

    private boolean fillOrEnd() throws IOException {
        try {
            return fill();
        } catch (EOFException e) {
            return false; // a TLS peer that ends without saying goodbye
        }
    }

    private boolean fill() throws IOException {
        deadline.remainingMillis();
        int count = in.read(buffer, 0, buffer.length);
        position = 0;
        limit = Math.max(0, count);
        return count > 0;
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            // the verdict stands already
        }
    }
}
