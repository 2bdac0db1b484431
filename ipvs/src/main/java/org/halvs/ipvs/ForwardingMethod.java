package org.halvs.ipvs;

/** How packets reach a real server. */
public enum ForwardingMethod {
    /** Network address translation: ldirectord's {@code masq}, ipvsadm's {@code -m}. */
    MASQUERADE("Masq"),
    /** The packet unchanged to the real server's Ethernet address: {@code gate}, {@code -g}. */
    DIRECT_ROUTE("Route"),
    /** The packet inside another one: {@code ipip}, {@code -i}. */
    TUNNEL("Tunnel"),
    /** The real server is this machine; chosen by the core whenever the destination is a local address. */
    LOCAL("Local");

    private final String listed;

    ForwardingMethod(String listed) {
        this.listed = listed;
    }

    /** The word in the Forward column of {@code ipvsadm -L}. */
    public String listed() {
        return listed;
    }
}
