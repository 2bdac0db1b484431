package org.halvs.ha.membership.path;

import java.util.List;
import org.halvs.ha.config.Authkeys;
import org.halvs.linux.DeviceDatagramSocket;
import org.halvs.linux.IpAddress;
import org.halvs.linux.SocketEndpoint;
import org.halvs.linux.SocketPoll;

/**
 * Signs, sends to nobody and verifies heartbeats, so that the code for the real ones is compiled: interpreted, a heartbeat costs ten times as much, and at
 * forty a second it would be minutes before that ends by itself.
 */
public final class PathRehearsal {
    private static final int ROUNDS = 20_000;
    private static final long LIMIT_NANOS = 500_000_000L;
    private static final int PAYLOAD = 200;
    private static final SocketEndpoint NOBODY = SocketEndpoint.of(IpAddress.of("127.0.0.1"), 9); // discard

    private PathRehearsal() {}

    /**
     * Returns after half a second at the latest. Platform threads only.
     *
     * @throws org.halvs.linux.LinuxException without {@code CAP_NET_RAW}
     */
    public static void perform(Authkeys authkeys) {
        long end = System.nanoTime() + LIMIT_NANOS;
        Authenticator speaker = authenticator(authkeys, "speaker");
        Authenticator listener = authenticator(authkeys, "listener");
        byte[] out = new byte[Authenticator.PAYLOAD_AT + PAYLOAD];
        byte[] in = new byte[DeviceDatagramSocket.LONGEST_DATAGRAM];
        try (DeviceDatagramSocket socket = DeviceDatagramSocket.open("lo", IpAddress.Family.IPV4, 0);
                SocketPoll poll = new SocketPoll()) {
            poll.watch(List.of(socket));
            for (int round = 0; round < ROUNDS && System.nanoTime() - end < 0; round++) {
                int length = speaker.seal(out, Authenticator.Kind.HEARTBEAT, PAYLOAD);
                int _ = socket.send(out, length, NOBODY);
                boolean _ = poll.await(0);
                int _ = socket.receive(in);
                boolean _ = listener.open(out, length, true, System.nanoTime());
            }
        }
    }

    private static Authenticator authenticator(Authkeys authkeys, String node) {
        return new Authenticator(
                new MessageSigner(authkeys), new Roster(List.of("speaker", "listener"), node), 1, new RefusalLog());
    }
}
