package org.halvs.lab;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/**
 * One HTTP request over a TCP connection of its own, and what came of it.
 *
 * @param startedNanos when the connection was begun, {@link System#nanoTime}
 * @param tookNanos until the last byte, or until it failed
 * @param answered whether a whole answer with status 200 came
 * @param text the body of the answer, without blanks around it; else why there is none
 */
public record Request(long startedNanos, long tookNanos, boolean answered, String text) {

    /**
     * Gets {@code http://ADDRESS:PORT/}. The socket belongs to the network namespace of the calling thread.
     *
     * @param source the client's address, one of the host's
     * @param timeoutMillis longest time to connect, and longest time to wait for each part of the answer
     */
    public static Request get(InetAddress source, InetAddress address, int port, int timeoutMillis) {
        long started = System.nanoTime();
        try (Socket socket = new Socket()) {
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(timeoutMillis);
            socket.bind(new InetSocketAddress(source, 0));
            socket.connect(new InetSocketAddress(address, port), timeoutMillis);
            String head = "GET / HTTP/1.0\r\nHost: " + address.getHostAddress() + "\r\n\r\n";
            socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
            return answer(started, socket.getInputStream());
        } catch (IOException e) {
            return new Request(started, System.nanoTime() - started, false, String.valueOf(e.getMessage()));
        }
    }

    private static Request answer(long started, InputStream in) throws IOException {
        String answer = new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
        long took = System.nanoTime() - started;
        int body = answer.indexOf("\r\n\r\n");
        boolean good = body > 0 && answer.startsWith("HTTP/1.") && answer.startsWith(" 200", 8);
        return new Request(
                started,
                took,
                good,
                good
                        ? answer.substring(body + 4).strip()
                        : answer.lines().findFirst().orElse("an empty answer"));
    }
}
