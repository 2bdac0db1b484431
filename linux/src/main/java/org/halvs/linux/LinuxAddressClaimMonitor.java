package org.halvs.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** {@link AddressClaimMonitor} by two packet sockets with filters. */
final class LinuxAddressClaimMonitor implements AddressClaimMonitor {
    private static final int SOCK_RAW = 3;
    private static final int SO_ATTACH_FILTER = 26;
    private static final int ETHERTYPE_IPV6 = 0x86dd;
    private static final int ADDRESS_BYTES = 20; // struct sockaddr_ll
    private static final int FRAME_BYTES = 2048;
    private static final int OUTGOING = 4;

    private static final int ARP_SENDER = 14 + 14;
    private static final int NEXT_HEADER = 14 + 6;
    private static final int ICMPV6 = 58;
    private static final int ICMPV6_TYPE = 14 + 40;
    private static final int ADVERTISEMENT = 136;
    private static final int TARGET = ICMPV6_TYPE + 8;
    private static final int OPTIONS = TARGET + 16;
    private static final int TARGET_MAC_OPTION = 2;

    /** More than these, and the filter lets all of their kind through. */
    private static final int MOST_FILTERED = (BpfFilter.MAX_INSTRUCTIONS - 16) / 2;

    private final Descriptor arp;
    private final Descriptor advertisements;
    private final Descriptor wakeup = Descriptor.wakeup();
    private final Arena arena = Arena.ofShared();
    private final MemorySegment buffer = arena.allocate(FRAME_BYTES);
    private final MemorySegment sender = arena.allocate(ADDRESS_BYTES, 4);

    /** Held while a thread waits: the descriptors are closed only when nobody waits on them. */
    private final ReentrantLock waiting = new ReentrantLock();

    private volatile Set<IpAddress> wanted = Set.of();
    private volatile boolean closed;

    private LinuxAddressClaimMonitor(Descriptor arp, Descriptor advertisements) {
        this.arp = arp;
        this.advertisements = advertisements;
    }

    static LinuxAddressClaimMonitor open() {
        Descriptor arp = null;
        try {
            arp = listener(ArpFrame.ETHERTYPE);
            return new LinuxAddressClaimMonitor(arp, listener(ETHERTYPE_IPV6));
        } catch (RuntimeException e) {
            close(arp);
            throw e;
        }
    }

    private static void close(@Nullable Descriptor descriptor) {
        if (descriptor != null) {
            descriptor.close();
        }
    }

    /** Gets the filter before it is bound, so that nothing comes in before. */
    private static Descriptor listener(int ethertype) {
        Descriptor socket = Descriptor.slowSocket(PacketCalls.AF_PACKET, SOCK_RAW, 0, "address claims");
        try (Arena arguments = Arena.ofConfined()) {
            attach(socket, BpfFilter.builder().reject());
            socket.bind(PacketCalls.address(arguments, 0, ethertype));
            return socket;
        } catch (RuntimeException e) {
            socket.close();
            throw e;
        }
    }

    private static void attach(Descriptor socket, BpfFilter.Builder filter) {
        try (Arena arguments = Arena.ofConfined()) {
            socket.option(
                    PacketCalls.SOL_SOCKET, SO_ATTACH_FILTER, filter.build().program(arguments));
        }
    }

    @Override
    public synchronized void listenFor(Collection<IpAddress> addresses) {
        Set<IpAddress> changed = new LinkedHashSet<>(addresses);
        if (closed || changed.equals(wanted)) {
            return;
        }
        wanted = changed;
        List<IpAddress> ipv4 = changed.stream().filter(IpAddress::isIpv4).toList();
        List<IpAddress> ipv6 =
                changed.stream().filter(address -> !address.isIpv4()).toList();
        BpfFilter.Builder ofArp = incoming();
        accept(ofArp, ARP_SENDER, ipv4.stream().map(IpAddress::ipv4).toList());
        attach(arp, ofArp);
        BpfFilter.Builder ofAdvertisements = incoming()
                .loadByte(NEXT_HEADER)
                .rejectUnlessEqual(ICMPV6)
                .loadByte(ICMPV6_TYPE)
                .rejectUnlessEqual(ADVERTISEMENT);
        accept(
                ofAdvertisements,
                TARGET + 12,
                ipv6.stream().map(LinuxAddressClaimMonitor::lastWord).distinct().toList());
        attach(advertisements, ofAdvertisements);
    }

    private static BpfFilter.Builder incoming() {
        return BpfFilter.builder()
                .loadAncillary(BpfFilter.Ancillary.PACKET_TYPE)
                .rejectIfEqual(OUTGOING);
    }

    private static void accept(BpfFilter.Builder filter, int offset, List<Integer> words) {
        if (words.size() > MOST_FILTERED) {
            filter.accept();
            return;
        }
        filter.loadWord(offset);
        words.forEach(filter::acceptIfEqual);
        filter.reject();
    }

    private static int lastWord(IpAddress address) {
        return ByteBuffer.wrap(address.bytes()).getInt(12);
    }

    @Override
    public Optional<Claim> next() {
        Libc.requirePlatformThread("AddressClaimMonitor.next");
        waiting.lock();
        try {
            while (!closed) {
                boolean _ = Descriptor.awaitReadable(-1, arp, advertisements, wakeup);
                Optional<Claim> claim = closed ? Optional.empty() : received();
                if (claim.isPresent()) {
                    return claim;
                }
            }
            return Optional.empty();
        } finally {
            waiting.unlock();
        }
    }

    private Optional<Claim> received() {
        return receive(arp)
                .flatMap(frame -> ArpFrame.parse(frame)
                        .map(parsed -> new Claim(interfaceIndex(), parsed.sender(), parsed.senderMac())))
                .or(() -> receive(advertisements).flatMap(this::advertised))
                .filter(claim -> wanted.contains(claim.address()));
    }

    private Optional<byte[]> receive(Descriptor socket) {
        int length;
        try {
            length = socket.receive(buffer, sender);
        } catch (LinuxException e) {
            if (e.errno().equals(Errno.ENETDOWN)) {
                return Optional.empty(); // told once when an interface goes down; the others go on
            }
            throw e;
        }
        return length < 0
                ? Optional.empty()
                : Optional.of(buffer.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE));
    }

    private int interfaceIndex() {
        return sender.get(ValueLayout.JAVA_INT, 4);
    }

    /** The MAC is the option's, or else that of the frame (RFC 4861 section 4.4). */
    private Optional<Claim> advertised(byte[] frame) {
        if (frame.length < OPTIONS) {
            return Optional.empty();
        }
        boolean option = frame.length >= OPTIONS + 8 && frame[OPTIONS] == TARGET_MAC_OPTION;
        int mac = option ? OPTIONS + 2 : 6;
        return Optional.of(new Claim(
                interfaceIndex(),
                IpAddress.ofBytes(Arrays.copyOfRange(frame, TARGET, OPTIONS)),
                MacAddress.ofBytes(Arrays.copyOfRange(frame, mac, mac + 6))));
    }

    @Override
    public void close() {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
        }
        wakeup.signal();
        waiting.lock();
        try {
            arp.close();
            advertisements.close();
            wakeup.close();
            arena.close();
        } finally {
            waiting.unlock();
        }
    }
}
