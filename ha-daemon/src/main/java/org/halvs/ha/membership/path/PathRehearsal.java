package org.halvs.ha.membership.path;

import java.util.List;
import org.halvs.ha.config.Authkeys;

/**
 * Signs and verifies heartbeats nobody gets, so that the code for the real ones is compiled: interpreted, a signature costs more than all else a heartbeat
 * needs, and at forty a second it would be minutes before that ends by itself.
 */
public final class PathRehearsal {
    private static final int ROUNDS = 20_000;
    private static final long LIMIT_NANOS = 300_000_000L;
    private static final int PAYLOAD = 200;

    private PathRehearsal() {}

    /** Returns after a third of a second at the latest. */
    public static void perform(Authkeys authkeys) {
        long end = System.nanoTime() + LIMIT_NANOS;
        Authenticator speaker = authenticator(authkeys, "speaker");
        Authenticator listener = authenticator(authkeys, "listener");
        byte[] datagram = new byte[Authenticator.PAYLOAD_AT + PAYLOAD];
        for (int round = 0; round < ROUNDS; round++) {
            long now = System.nanoTime();
            int length = speaker.seal(datagram, Authenticator.Kind.HEARTBEAT, PAYLOAD);
            if (now - end >= 0 || !listener.open(datagram, length, true, now)) {
                return;
            }
        }
    }

    private static Authenticator authenticator(Authkeys authkeys, String node) {
        return new Authenticator(
                new MessageSigner(authkeys), new Roster(List.of("speaker", "listener"), node), 1, new RefusalLog());
    }
}
