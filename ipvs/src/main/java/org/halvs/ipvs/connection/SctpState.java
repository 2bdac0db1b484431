package org.halvs.ipvs.connection;

import org.halvs.ipvs.packet.Sctp;

/**
 * The states of an SCTP association as IPVS sees them ({@code net/netfilter/ipvs/ip_vs_proto_sctp.c}), in the kernel's order. Directions are those
 * of {@link TcpState}.
 */
public enum SctpState {
    NONE("NONE", 2),
    INIT1("INIT1", 4),
    INIT("INIT", 61),
    COOKIE_SENT("C-SENT", 61),
    COOKIE_REPLIED("C-REPLIED", 61),
    COOKIE_WAIT("C-WAIT", 61),
    COOKIE("COOKIE", 61),
    COOKIE_ECHOED("C-ECHOED", 61),
    ESTABLISHED("ESTABLISHED", 900),
    SHUTDOWN_SENT("S-SENT", 61),
    SHUTDOWN_RECEIVED("S-RECEIVED", 61),
    SHUTDOWN_ACK_SENT("S-ACK-SENT", 61),
    REJECTED("REJECTED", 4),
    CLOSED("CLOSED", 61);

    private static final SctpState[] ALL = values();
    private static final int STATES = 14;
    private static final int EVENTS = 10;
    private static final int ABORT = 9;

    /**
     * One letter pair a state; ten events a direction: data, INIT, INIT ACK, COOKIE ECHO, COOKIE ACK, SHUTDOWN, SHUTDOWN ACK, SHUTDOWN COMPLETE,
     * ERROR, ABORT.
     */
    private static final byte[] TABLE = table(
            "ES I1 IN CS CR CW CO CE ES SS SR SA RJ CL",
            "I1 IN IN CS CR CW CO CE ES SS SR SA IN IN",
            "CW CW CW CS CR CO CO CE ES SS SR SA RJ CL",
            "CR IN IN CR CR CW CO CE ES SS SR SA RJ CL",
            "ES I1 IN CS CR CW CO ES ES SS SR SA RJ CL",
            "SR I1 IN CS CR CW CO CE SR SS SR SA RJ CL",
            "CL IN IN CS CR CW CO CE ES CL SR CL RJ CL",
            "CL CL CL CS CR CW CO CE ES SS SR CL RJ CL",
            "CL I1 IN CS CR CW CO CL ES SS SR SA RJ CL",
            "CL CL CL CL CL RJ CL CL CL CL CL CL CL CL",
            "ES I1 IN CS CR CW CO CE ES SS SR SA RJ CL",
            "CW CW CW CW CW CW CW CW ES CW CW CW CW CW",
            "CS CS CS CS CR CW CO CE ES SS SR SA RJ CL",
            "CE CE CE CE CE CE CE CE ES SS SR SA RJ CL",
            "ES ES ES ES ES ES ES ES ES SS SR SA RJ CL",
            "SS SS SS SS SS SS SS SS SS SS SR SA RJ CL",
            "SA SA SA SA SA CW CO CE ES SA SA SA RJ CL",
            "CL I1 IN CS CR CW CO CE ES SS SR SA RJ CL",
            "CL CL CL CL CL CW CO CE ES SS SR SA RJ CL",
            "CL RJ CL CL CL CL CL CL CL CL CL CL CL CL",
            "ES I1 IN CS CR ES CO CE ES SS SR SA RJ CL",
            "I1 IN IN IN IN IN CO CE ES SS SR SA IN IN",
            "CE CE CE CE CE CE CO CE ES SS SR SA RJ CL",
            "ES ES ES ES ES ES CO CE ES SS SR SA RJ CL",
            "ES I1 IN ES ES CW ES ES ES SS SR SA RJ CL",
            "SR I1 IN CS CR CW CO CE SR SS SR SA RJ CL",
            "CL IN IN CS CR CW CO CE CL CL SR CL RJ CL",
            "CL CL CL CL CL CW CO CE ES SS CL CL RJ CL",
            "CL I1 IN CS CR CW CO CE ES SS SR SA RJ CL",
            "CL CL CL CL CL RJ CL CL CL CL CL CL CL CL");

    private final String listed;
    private final int timeoutSeconds;

    SctpState(String listed, int timeoutSeconds) {
        this.listed = listed;
        this.timeoutSeconds = timeoutSeconds;
    }

    private static byte[] table(String... rows) {
        String codes = "NO I1 IN CS CR CW CO CE ES SS SR SA RJ CL";
        byte[] table = new byte[rows.length * STATES];
        for (int row = 0; row < rows.length; row++) {
            for (int state = 0; state < STATES; state++) {
                table[row * STATES + state] = (byte) (codes.indexOf(rows[row].substring(state * 3, state * 3 + 2)) / 3);
            }
        }
        return table;
    }

    public static SctpState of(int number) {
        return ALL[number];
    }

    /** The word in listings: {@code C-WAIT}. */
    public String listed() {
        return listed;
    }

    public int timeoutSeconds() {
        return timeoutSeconds;
    }

    /** Whether associations in the state of this number count in ActiveConn. */
    public static boolean isActive(int state) {
        return state == ESTABLISHED.ordinal();
    }

    /**
     * The state a packet leads to.
     *
     * @param firstChunk the type of its first chunk
     * @param secondChunk the type of the next one, -1 when there is none; an ABORT bundled with a cookie counts
     */
    public static int next(int direction, int state, int firstChunk, int secondChunk) {
        boolean cookie = firstChunk == Sctp.COOKIE_ECHO || firstChunk == Sctp.COOKIE_ACK;
        int event = cookie && secondChunk == Sctp.ABORT ? ABORT : event(firstChunk);
        return TABLE[(direction * EVENTS + event) * STATES + state];
    }

    private static int event(int chunk) {
        return switch (chunk) {
            case Sctp.INIT -> 1;
            case Sctp.INIT_ACK -> 2;
            case Sctp.COOKIE_ECHO -> 3;
            case Sctp.COOKIE_ACK -> 4;
            case Sctp.SHUTDOWN -> 5;
            case Sctp.SHUTDOWN_ACK -> 6;
            case Sctp.SHUTDOWN_COMPLETE -> 7;
            case Sctp.ERROR -> 8;
            case Sctp.ABORT -> ABORT;
            default -> 0;
        };
    }
}
