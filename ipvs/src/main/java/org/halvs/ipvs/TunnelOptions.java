package org.halvs.ipvs;

/**
 * How packets to a tunnelled real server are wrapped ({@code ipvsadm --tun-type}, {@code --tun-port}, {@code --tun-csum}).
 *
 * @param port the UDP port of GUE, 1 to 65535; 0 for the other types
 */
public record TunnelOptions(Type type, int port, Checksum checksum) {
    /** What the packet is wrapped in. */
    public enum Type {
        IPIP,
        GRE,
        GUE
    }

    /** Which checksum the wrapping carries. */
    public enum Checksum {
        NONE,
        FULL,
        REMOTE
    }

    /** Plain IP in IP, ipvsadm's default. */
    public static final TunnelOptions IPIP = new TunnelOptions(Type.IPIP, 0, Checksum.NONE);
}
