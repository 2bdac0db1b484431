package org.halvs.ipvs.connection;

/**
 * The states of a TCP connection as IPVS sees them, and what a packet makes of them ({@code net/netfilter/ipvs/ip_vs_proto_tcp.c}). The order is
 * that of the kernel, whose numbers the sync protocol sends.
 */
public enum TcpState {
    NONE(2, false),
    ESTABLISHED(900, true),
    SYN_SENT(120, true),
    SYN_RECV(60, true),
    FIN_WAIT(120, false),
    TIME_WAIT(120, false),
    CLOSE(10, false),
    CLOSE_WAIT(60, false),
    LAST_ACK(30, false),
    LISTEN(120, false),
    SYNACK(120, true);

    /** Where a packet goes. */
    public static final int INPUT = 0;

    public static final int OUTPUT = 1;
    /** From the client, of a connection whose replies are not seen. */
    public static final int INPUT_ONLY = 2;

    private static final TcpState[] ALL = values();

    /** One letter pair a state, in the order of the enum; four events a direction: SYN, FIN, ACK, RST. */
    private static final byte[] NORMAL = table(
            "SR ES ES SR SR SR SR SR SR SR SR",
            "CL CW SS TW TW TW CL CW LA LI TW",
            "ES ES SS ES FW TW CL CW CL LI ES",
            "CL CL CL SR CL CL CL CL LA LI SR",
            "SS ES SS SR SS SS SS SS SS LI SR",
            "TW FW SS TW FW TW CL TW LA LI TW",
            "ES ES SS ES FW TW CL CW LA ES ES",
            "CL CL SS CL CL TW CL CL CL CL CL",
            "SR ES ES SR SR SR SR SR SR SR SR",
            "CL FW SS TW FW TW CL CW LA LI TW",
            "ES ES SS ES FW TW CL CW CL LI ES",
            "CL CL CL SR CL CL CL CL LA LI CL");

    /** The table of {@code secure_tcp}. */
    private static final byte[] SECURE = table(
            "SR ES ES SR SR SR SR SR SR SR SA",
            "CL CW SS TW TW TW CL CW LA LI SA",
            "ES ES SS SR FW TW CL CW CL LI SA",
            "CL CL CL SR CL CL CL CL LA LI CL",
            "SS ES SS SA SS SS SS SS SS LI SA",
            "TW FW SS TW FW TW CL TW LA LI TW",
            "ES ES SS ES FW TW CL CW LA ES ES",
            "CL CL SS CL CL TW CL CL CL CL CL",
            "SA ES ES SR SA SA SA SA SA SA SA",
            "CL FW SS TW FW TW CL CW LA LI TW",
            "ES ES SS ES FW TW CL CW CL LI ES",
            "CL CL CL SR CL CL CL CL LA LI CL");

    private final int timeoutSeconds;
    private final boolean active;

    TcpState(int timeoutSeconds, boolean active) {
        this.timeoutSeconds = timeoutSeconds;
        this.active = active;
    }

    private static byte[] table(String... rows) {
        String codes = "NO ES SS SR FW TW CL CW LA LI SA";
        byte[] table = new byte[rows.length * 11];
        for (int row = 0; row < rows.length; row++) {
            for (int state = 0; state < 11; state++) {
                table[row * 11 + state] = (byte) (codes.indexOf(rows[row].substring(state * 3, state * 3 + 2)) / 3);
            }
        }
        return table;
    }

    public static TcpState of(int number) {
        return ALL[number];
    }

    /** Seconds without a packet after which a connection in this state is forgotten; {@code ipvsadm --set} changes two of them. */
    public int timeoutSeconds() {
        return timeoutSeconds;
    }

    /** Whether connections in this state count in ActiveConn. */
    public boolean isActive() {
        return active;
    }

    /** Whether connections in the state of this number count in ActiveConn. */
    public static boolean isActive(int state) {
        return ALL[state].active;
    }

    /**
     * The state a packet leads to.
     *
     * @param flags of the TCP header; reset counts first, then SYN, FIN, ACK; a packet with none of them leads to {@link #CLOSE}
     */
    public static int next(boolean secure, int direction, int state, int flags) {
        int event = (flags & 0x04) != 0
                ? 3
                : (flags & 0x02) != 0 ? 0 : (flags & 0x01) != 0 ? 1 : (flags & 0x10) != 0 ? 2 : -1;
        return event < 0 ? 6 : (secure ? SECURE : NORMAL)[(direction * 4 + event) * 11 + state];
    }
}
