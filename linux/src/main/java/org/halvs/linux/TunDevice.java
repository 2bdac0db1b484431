package org.halvs.linux;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A TUN device ({@code Documentation/networking/tuntap.rst}): what is written to it this machine's network stack receives as if it had come over
 * a wire, and what the stack routes to it can be read. It carries IP packets without link-layer headers. It exists as long as it is open.
 *
 * <p>Confined to one thread at a time.
 */
public final class TunDevice implements AutoCloseable {
    private static final LibcFunction WRITEV = LibcFunction.ofLong("writev");
    private static final LibcFunction READ = LibcFunction.ofLong("read");

    private static final Path DEVICE = Path.of("/dev/net/tun");
    private static final long TUNSETIFF = 0x400454caL;
    private static final long SIOCGIFFLAGS = 0x8913;
    private static final long SIOCSIFFLAGS = 0x8914;
    private static final long SIOCSIFADDR = 0x8916;
    private static final long SIOCSIFMTU = 0x8922;
    private static final int AF_INET = 2;
    private static final int IFF_UP = 1;
    private static final int IFF_TUN = 0x0001;
    private static final int IFF_NO_PI = 0x1000;
    private static final int IFF_VNET_HDR = 0x4000;
    private static final int UNION_OFFSET = 16;
    private static final int VECTOR_BYTES = 16;

    private final String name;
    private final Descriptor device;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment header = arena.allocate(VirtioNetHeader.BYTES, 8);
    private final MemorySegment vectors = arena.allocate(2L * VECTOR_BYTES, 8);

    private TunDevice(String name, Descriptor device) {
        this.name = name;
        this.device = device;
        vectors.set(Libc.POINTER, 0, header);
        vectors.set(Libc.SIZE_T, 8, VirtioNetHeader.BYTES);
    }

    /**
     * Makes a device in the network namespace of the calling thread and brings it up.
     *
     * @param mtuBytes the largest packet the stack routes to it; what is written to it may be longer
     * @throws LinuxException {@code EBUSY} when somebody else has a device of this name open, {@code EPERM} without {@code CAP_NET_ADMIN},
     *     {@code ENOENT} where the kernel has no TUN driver
     */
    public static TunDevice open(String name, int mtuBytes) {
        Descriptor device = Descriptor.openForReadingAndWriting(DEVICE).closedLast(); // takes the device along
        try (Arena arena = Arena.ofConfined();
                Descriptor control = PacketCalls.controlSocket()) {
            MemorySegment request = PacketCalls.interfaceRequest(arena, name);
            request.set(ValueLayout.JAVA_SHORT, UNION_OFFSET, (short) (IFF_TUN | IFF_NO_PI | IFF_VNET_HDR));
            PacketCalls.ioctl(device, TUNSETIFF, "TUNSETIFF", request, name);
            MemorySegment mtu = PacketCalls.interfaceRequest(arena, name);
            mtu.set(ValueLayout.JAVA_INT, UNION_OFFSET, mtuBytes);
            PacketCalls.ioctl(control, SIOCSIFMTU, "SIOCSIFMTU", mtu, name);
            MemorySegment flags = PacketCalls.interfaceRequest(arena, name);
            PacketCalls.ioctl(control, SIOCGIFFLAGS, "SIOCGIFFLAGS", flags, name);
            short old = flags.get(ValueLayout.JAVA_SHORT, UNION_OFFSET);
            flags.set(ValueLayout.JAVA_SHORT, UNION_OFFSET, (short) (old | IFF_UP));
            PacketCalls.ioctl(control, SIOCSIFFLAGS, "SIOCSIFFLAGS", flags, name);
            return new TunDevice(name, device);
        } catch (RuntimeException e) {
            device.close();
            throw e;
        }
    }

    public String name() {
        return name;
    }

    /**
     * Makes the stack take IPv4 packets of every source from this device, though the way back to them is another one. Called in the network
     * namespace the device was made in.
     *
     * <p>The kernel uses the stricter one of the device's {@code rp_filter} and that of {@code all}. Where the latter is on, the loose mode has
     * to do, which refuses devices without an address ({@code __fib_validate_source}): the device then gets {@code 192.0.0.8}, the dummy
     * address of RFC 7600.
     */
    public void acceptAnySource() {
        Path settings = Path.of("/proc/sys/net/ipv4/conf");
        try {
            boolean filtering =
                    !Files.readString(settings.resolve("all/rp_filter")).strip().equals("0");
            Files.writeString(settings.resolve(name).resolve("rp_filter"), filtering ? "2" : "0");
            if (filtering) {
                assignDummyAddress();
            }
        } catch (IOException e) {
            throw new UncheckedIOException("rp_filter of " + name, e);
        }
    }

    /**
     * Makes the stack take IPv4 packets from this device that were translated to a loopback address, or no longer ({@code route_localnet} of
     * {@code Documentation/networking/ip-sysctl.rst}, of this device alone). Called in the network namespace the device was made in.
     */
    public void acceptLoopback(boolean accept) {
        try {
            Files.writeString(
                    Path.of("/proc/sys/net/ipv4/conf").resolve(name).resolve("route_localnet"), accept ? "1" : "0");
        } catch (IOException e) {
            throw new UncheckedIOException("route_localnet of " + name, e);
        }
    }

    private void assignDummyAddress() {
        try (Arena arguments = Arena.ofConfined();
                Descriptor control = PacketCalls.controlSocket()) {
            MemorySegment request = PacketCalls.interfaceRequest(arguments, name);
            request.set(ValueLayout.JAVA_SHORT, UNION_OFFSET, (short) AF_INET);
            byte[] address = IpAddress.of("192.0.0.8").bytes();
            MemorySegment.copy(address, 0, request, ValueLayout.JAVA_BYTE, UNION_OFFSET + 4L, address.length);
            PacketCalls.ioctl(control, SIOCSIFADDR, "SIOCSIFADDR", request, name);
        }
    }

    /**
     * Puts an IP packet into the stack. Does not wait.
     *
     * @param segment native memory
     * @param offset of the IP header
     * @param flags this and the following as in {@link VirtioNetHeader}, all 0 for a packet that is complete; {@code checksumStart} and
     *     {@code headerLength} count from the IP header
     * @throws LinuxException when the kernel refuses ({@code EINVAL} for what is no IP packet)
     */
    public void inject(
            MemorySegment segment,
            long offset,
            int length,
            int flags,
            int gsoType,
            int headerLength,
            int gsoSize,
            int checksumStart,
            int checksumOffset) {
        VirtioNetHeader.write(header, 0, flags, gsoType, headerLength, gsoSize, checksumStart, checksumOffset);
        vectors.set(ValueLayout.JAVA_LONG, VECTOR_BYTES, segment.address() + offset);
        vectors.set(Libc.SIZE_T, VECTOR_BYTES + 8L, length);
        if (WRITEV.call(device.number(), vectors, 2) < 0) {
            throw new LinuxException("writev", Libc.errno(), name);
        }
    }

    /** As the other {@code inject}, for a packet that is complete as it stands. */
    public void inject(MemorySegment segment, long offset, int length) {
        inject(segment, offset, length, 0, 0, 0, 0, 0, 0);
    }

    /**
     * Waits for the next packet the stack routes to the device. Platform threads only.
     *
     * @param into gets a {@link VirtioNetHeader} and behind it the packet
     * @return the length of the packet
     */
    public int receive(MemorySegment into) {
        Libc.requirePlatformThread("reading from " + name);
        long read = READ.call(device.number(), into, into.byteSize());
        if (read < 0) {
            throw new LinuxException("read", Libc.errno(), name);
        }
        return (int) read - VirtioNetHeader.BYTES;
    }

    /** Removes the device. */
    @Override
    public void close() {
        device.close();
        if (arena.scope().isAlive()) {
            arena.close();
        }
    }
}
