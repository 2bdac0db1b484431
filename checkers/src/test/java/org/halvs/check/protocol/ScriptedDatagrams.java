package org.halvs.check.protocol;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.halvs.check.CheckTarget;
import org.halvs.linux.IpAddress;

/** A UDP server on loopback that answers each datagram by a script and remembers what it got. */
final class ScriptedDatagrams implements AutoCloseable {

    /** The answers to one datagram, none for silence. */
    @FunctionalInterface
    interface Script {
        List<byte[]> answer(byte[] request) throws IOException;
    }

    private final DatagramSocket socket;
    private final CheckTarget target;
    private final List<byte[]> requests = new CopyOnWriteArrayList<>();

    ScriptedDatagrams(Script script) throws IOException {
        socket = new DatagramSocket(0, InetAddress.getByAddress(new byte[] {127, 0, 0, 1}));
        target = new CheckTarget(IpAddress.of(socket.getLocalAddress()), socket.getLocalPort());
        Thread.ofVirtual().name("scripted-datagrams").start(() -> serve(script));
    }

    private void serve(Script script) {
        byte[] buffer = new byte[65536];
        try {
            while (true) {
                DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
                socket.receive(packet);
                byte[] request = Arrays.copyOf(buffer, packet.getLength());
                requests.add(request);
                for (byte[] answer : script.answer(request)) {
                    socket.send(new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
                }
            }
        } catch (IOException e) {
            // closed
        }
    }

    List<byte[]> requests() {
        return requests;
    }

    CheckTarget target() {
        return target;
    }

    @Override
    public void close() {
        socket.close();
    }
}
