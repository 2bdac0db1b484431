package org.halvs.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/** An address and a port as the socket calls take them ({@code ip(7)}, {@code ipv6(7)}). Immutable. */
public final class SocketEndpoint {
    static final int AF_INET = 2;
    static final int AF_INET6 = 10;
    /** Room for either family's socket address. */
    static final int LONGEST = 28;

    private static final int IPV4_BYTES = 16;

    private final byte[] bytes;
    private final MemorySegment segment;

    private SocketEndpoint(byte[] bytes) {
        this.bytes = bytes;
        this.segment = Arena.ofAuto().allocate(bytes.length, 8);
        MemorySegment.copy(bytes, 0, segment, ValueLayout.JAVA_BYTE, 0, bytes.length);
    }

    /** @param port 0 to 65535 */
    public static SocketEndpoint of(IpAddress address, int port) {
        byte[] bytes = new byte[length(address.family())];
        int family = address.isIpv4() ? AF_INET : AF_INET6;
        MemorySegment.ofArray(bytes).set(ValueLayout.JAVA_SHORT_UNALIGNED, 0, (short) family);
        bytes[2] = (byte) (port >> 8);
        bytes[3] = (byte) port;
        byte[] raw = address.bytes();
        System.arraycopy(raw, 0, bytes, address.isIpv4() ? 4 : 8, raw.length);
        return new SocketEndpoint(bytes);
    }

    /** What the kernel left in {@code from}. */
    static SocketEndpoint copyOf(MemorySegment from, IpAddress.Family family) {
        byte[] bytes = new byte[length(family)];
        MemorySegment.copy(from, ValueLayout.JAVA_BYTE, 0, bytes, 0, bytes.length);
        return new SocketEndpoint(bytes);
    }

    static int length(IpAddress.Family family) {
        return family == IpAddress.Family.IPV4 ? IPV4_BYTES : LONGEST;
    }

    boolean isAt(MemorySegment other) {
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] != other.get(ValueLayout.JAVA_BYTE, i)) {
                return false;
            }
        }
        return true;
    }

    /** Whether the other one has the same address, whichever its port. */
    boolean isHost(MemorySegment other) {
        int from = family() == IpAddress.Family.IPV4 ? 4 : 8;
        int to = family() == IpAddress.Family.IPV4 ? 8 : 24;
        for (int i = from; i < to; i++) {
            if (bytes[i] != other.get(ValueLayout.JAVA_BYTE, i)) {
                return false;
            }
        }
        return true;
    }

    MemorySegment segment() {
        return segment;
    }

    public IpAddress.Family family() {
        return bytes.length == IPV4_BYTES ? IpAddress.Family.IPV4 : IpAddress.Family.IPV6;
    }

    public IpAddress address() {
        return IpAddress.ofBytes(
                family() == IpAddress.Family.IPV4 ? Arrays.copyOfRange(bytes, 4, 8) : Arrays.copyOfRange(bytes, 8, 24));
    }

    /** 0 to 65535. */
    public int port() {
        return (bytes[2] & 0xff) << 8 | bytes[3] & 0xff;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof SocketEndpoint that && Arrays.equals(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    /** {@code 192.0.2.1 port 694}. */
    @Override
    public String toString() {
        return address() + " port " + port();
    }
}
