package org.halvs.bench.failover;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.DatagramChannel;
import java.nio.charset.StandardCharsets;
import org.halvs.lab.Host;

/** Answers each datagram to the floating address with its first eight bytes and the name of the node. */
final class Echo implements AutoCloseable {
    private final DatagramChannel channel;

    /** The address need not be there yet: the kernel of the host has to allow that (ip_nonlocal_bind). */
    Echo(Host host, String address, int port) {
        try {
            channel = host.call(() -> DatagramChannel.open().bind(new InetSocketAddress(address, port)));
        } catch (Exception e) {
            throw new IllegalStateException("can't answer on " + host.name() + ": " + e, e);
        }
        Thread.ofPlatform().name("echo-" + host.name()).daemon().start(() -> answer(host.name()));
    }

    private void answer(String name) {
        ByteBuffer buffer = ByteBuffer.allocateDirect(256);
        byte[] self = name.getBytes(StandardCharsets.US_ASCII);
        while (channel.isOpen()) {
            try {
                buffer.clear();
                var from = channel.receive(buffer);
                buffer.flip().limit(Math.min(buffer.limit(), Long.BYTES));
                buffer.position(buffer.limit()).limit(buffer.capacity());
                buffer.put(self).flip();
                channel.send(buffer, from);
            } catch (ClosedChannelException _) {
                return;
            } catch (IOException _) {
                // An answer that can't be sent is a lost one; the client counts it.
            }
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
