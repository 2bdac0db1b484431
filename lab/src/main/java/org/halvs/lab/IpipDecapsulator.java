package org.halvs.lab;

import java.lang.System.Logger.Level;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import org.halvs.linux.BpfFilter;
import org.halvs.linux.IpAddress;
import org.halvs.linux.LinuxException;
import org.halvs.linux.NetworkNamespace;
import org.halvs.linux.PacketRing;
import org.halvs.linux.ProtocolClaim;
import org.halvs.linux.RingWaiter;
import org.halvs.linux.TunDevice;
import org.halvs.linux.VirtioNetHeader;

/**
 * The far end of IP-in-IP tunnels (RFC 2003, and IPv6 in IPv6 of RFC 2473) for kernels without the {@code ipip} and {@code ip6tnl} devices: takes
 * protocol 4 over IPv4 and 41 over IPv6 from all interfaces of a network namespace, unwraps it and puts the inner packets in by a TUN device. Runs on a thread of its own, {@code ipip-NAMESPACE}.
 *
 * <p>What a real server has to have besides: the virtual address on an interface of its own. Outer packets that were cut into fragments are not
 * put together.
 */
public final class IpipDecapsulator implements AutoCloseable {
    private static final System.Logger LOGGER = System.getLogger(IpipDecapsulator.class.getName());

    private static final int PROTOCOL_IPIP = 4;
    private static final int PROTOCOL_IPV6 = 41;
    private static final int ETH_P_IP = 0x0800;
    private static final int ETH_P_IPV6 = 0x86dd;
    private static final int IPV6_HEADER_BYTES = 40;
    private static final int ETHERNET_BYTES = 14;
    private static final int FRAGMENT_MASK = 0x3fff;
    private static final int ANY_INTERFACE = 0;

    /** Packets up to 16 KiB, which is every MTU in use; 256 of them wait. */
    private static final PacketRing.Shape SHAPE = new PacketRing.Shape(256 << 10, 16, 16 << 10, 0);

    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private final PacketRing ring;
    private final ProtocolClaim claim;
    private final ProtocolClaim claim6;
    private final TunDevice tun;
    private final RingWaiter waiter;
    private final Thread thread;
    private volatile boolean closing;
    private final AtomicLong unwrapped = new AtomicLong();

    private IpipDecapsulator(String namespace, String tunDevice) {
        tun = TunDevice.open(tunDevice, 65535);
        tun.acceptAnySource();
        claim = ProtocolClaim.open(PROTOCOL_IPIP);
        claim6 = ProtocolClaim.open(PROTOCOL_IPV6, IpAddress.Family.IPV6);
        ring = PacketRing.open(ANY_INTERFACE, "all of " + namespace, SHAPE, onlyTunnels());
        waiter = new RingWaiter();
        waiter.watch(List.of(ring));
        thread = Thread.ofPlatform().name("ipip-" + namespace).daemon(true).unstarted(this::run);
    }

    /**
     * Starts unwrapping in a namespace that {@code ip netns add} made.
     *
     * @param tunDevice the name of the device it makes there, such as {@code ipip0}
     * @throws LinuxException when the kernel refuses (no {@code /dev/net/tun}, no rights, no such namespace)
     */
    public static IpipDecapsulator start(String namespace, String tunDevice) {
        try (NetworkNamespace place = NetworkNamespace.open(namespace)) {
            return place.call(() -> {
                IpipDecapsulator decapsulator = new IpipDecapsulator(namespace, tunDevice);
                decapsulator.thread.start();
                return decapsulator;
            });
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException known) {
                throw known;
            }
            throw new IllegalStateException("the decapsulator of " + namespace + " did not start", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while the decapsulator of " + namespace + " started", e);
        }
    }

    /** How many packets it has unwrapped. */
    public long unwrapped() {
        return unwrapped.get();
    }

    private static BpfFilter onlyTunnels() {
        return BpfFilter.builder()
                .loadAncillary(BpfFilter.Ancillary.PACKET_TYPE)
                .rejectUnlessEqual(0)
                .loadAncillary(BpfFilter.Ancillary.PROTOCOL)
                .ifEqual(ETH_P_IP, only(ETHERNET_BYTES + 9, PROTOCOL_IPIP))
                .ifEqual(ETH_P_IPV6, only(ETHERNET_BYTES + 6, PROTOCOL_IPV6))
                .reject()
                .build();
    }

    private static BpfFilter.Builder only(int offset, int protocol) {
        return BpfFilter.builder().loadByte(offset).acceptIfEqual(protocol).reject();
    }

    private void run() {
        PacketRing.Frame frame = new PacketRing.Frame();
        try {
            while (!closing) {
                while (ring.receive(frame)) {
                    unwrap(frame);
                    ring.release();
                }
                if (waiter.await(1000)) {
                    ring.takeError(); // an interface that went down must not make every wait end at once
                }
            }
        } finally {
            waiter.close();
            ring.close();
            claim.close();
            claim6.close();
            tun.close();
        }
    }

    private void unwrap(PacketRing.Frame frame) {
        MemorySegment memory = ring.memory();
        long outer = frame.offset() + ETHERNET_BYTES;
        int available = frame.length() - ETHERNET_BYTES;
        if (frame.length() < frame.wireLength() || available < 40) {
            return;
        }
        if ((memory.get(ValueLayout.JAVA_BYTE, outer) >> 4 & 0xf) == 6) {
            int inner = memory.get(SHORT, outer + 4) & 0xffff;
            if (inner >= IPV6_HEADER_BYTES && IPV6_HEADER_BYTES + inner <= available) {
                injectOrDrop(memory, frame.offset(), IPV6_HEADER_BYTES, inner);
            }
            return;
        }
        int headerBytes = (memory.get(ValueLayout.JAVA_BYTE, outer) & 0xf) * 4;
        int inner = (memory.get(SHORT, outer + 2) & 0xffff) - headerBytes; // what follows is padding of short frames
        boolean fragment = (memory.get(SHORT, outer + 6) & FRAGMENT_MASK) != 0;
        if (fragment || headerBytes < 20 || inner < 20 || headerBytes + inner > available) {
            return;
        }
        injectOrDrop(memory, frame.offset(), headerBytes, inner);
    }

    private void injectOrDrop(MemorySegment memory, long frameOffset, int headerBytes, int inner) {
        try {
            inject(memory, frameOffset, headerBytes, inner);
            unwrapped.incrementAndGet();
        } catch (LinuxException e) {
            LOGGER.log(Level.DEBUG, "an inner packet was refused: {0}", e.getMessage());
        }
    }

    private void inject(MemorySegment memory, long frameOffset, int headerBytes, int length) {
        int removed = ETHERNET_BYTES + headerBytes;
        long header = frameOffset - VirtioNetHeader.BYTES;
        boolean unfinished =
                ring.virtioHeaders() && (VirtioNetHeader.flags(memory, header) & VirtioNetHeader.NEEDS_CHECKSUM) != 0;
        if (!unfinished) {
            tun.inject(memory, frameOffset + removed, length);
            return;
        }
        int gsoType = VirtioNetHeader.gsoType(memory, header);
        tun.inject(
                memory,
                frameOffset + removed,
                length,
                VirtioNetHeader.NEEDS_CHECKSUM,
                gsoType,
                Math.max(0, VirtioNetHeader.headerLength(memory, header) - removed),
                VirtioNetHeader.gsoSize(memory, header),
                VirtioNetHeader.checksumStart(memory, header) - removed,
                VirtioNetHeader.checksumOffset(memory, header));
    }

    /** Stops and removes the device. */
    @Override
    public void close() {
        closing = true;
        waiter.wake();
        try {
            thread.join(5000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
