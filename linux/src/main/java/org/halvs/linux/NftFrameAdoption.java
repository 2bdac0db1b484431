package org.halvs.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A {@link FrameAdoption} by two means. A packet socket makes the interfaces receive the MACs ({@code PACKET_MR_UNICAST}, {@code packet(7)}); the kernel ends
 * that with the socket. The table {@code netdev halvs_adopted} of nf_tables, which needs Linux 4.2 with {@code CONFIG_NETFILTER_INGRESS}, tells the kernel's
 * stack that the packets of such frames are for this host; it is removed by {@link #close} and {@link #removeLeftovers}.
 */
public final class NftFrameAdoption implements FrameAdoption {
    /** The name of the table. */
    private static final String TABLE = "halvs_adopted";

    private static final int TYPE_IPV4 = 7; // nft(8): ipv4_addr
    private static final int TYPE_IPV6 = 8;
    private static final int HOOK_INGRESS = 0; // NF_NETDEV_INGRESS
    private static final int PRIORITY_FILTER = 0;
    private static final int SOCK_RAW = 3;
    private static final int SO_ATTACH_FILTER = 26;
    private static final int PACKET_ADD_MEMBERSHIP = 1;
    private static final int PACKET_IGNORE_OUTGOING = 23;
    private static final short PACKET_MR_UNICAST = 3;
    private static final int OUTGOING = 4;
    private static final int ETHERTYPE_IPV4 = 0x0800;
    private static final int ETHERTYPE_IPV6 = 0x86dd;
    private static final int SOURCE_MAC = 6;
    private static final int HEADERS_BYTES = 64;
    private static final int ADDRESS_BYTES = 20; // struct sockaddr_ll

    private final Optional<NftSocket> tables;
    private final Optional<LinuxException> noTables;
    private Set<MacAddress> macs = Set.of();

    /** Holds the memberships, and hears the MACs themselves. */
    private @Nullable Descriptor owners;

    /** Hears who sends to the MACs. A socket of its own: its queue may be full. */
    private @Nullable Descriptor senders;

    private NftFrameAdoption(Optional<NftSocket> tables, Optional<LinuxException> noTables) {
        this.tables = tables;
        this.noTables = noTables;
    }

    /** For the network namespace of the calling thread. Changes nothing yet; where there is no nf_tables, each adoption says so. */
    public static NftFrameAdoption open() {
        try {
            return new NftFrameAdoption(Optional.of(NftSocket.open()), Optional.empty());
        } catch (LinuxException e) {
            return new NftFrameAdoption(Optional.empty(), Optional.of(e));
        }
    }

    /** Removes what a process that was killed left in the network namespace of the calling thread. Succeeds when there is nothing. */
    public static void removeLeftovers() {
        try (NftSocket socket = NftSocket.open()) {
            socket.commit(NftBatch.netdev(TABLE).addTable().deleteTable(), subject());
        } catch (LinuxException _) {
            // a kernel without the family never had the table
        }
    }

    private static String subject() {
        return "table netdev " + TABLE;
    }

    @Override
    public void adopt(Collection<Adopted> adopted) {
        Descriptor before = owners;
        closeSenders();
        macs = adopted.stream().map(Adopted::mac).collect(Collectors.toCollection(LinkedHashSet::new));
        owners = adopted.isEmpty() ? null : join(adopted);
        if (before != null) {
            before.close(); // only now: what is in both is received all the time
        }
        if (!adopted.isEmpty()) {
            senders = listener("senders to adopted MACs", incoming().rejectUnlessMac(0, macs));
        }
        if (tables.isPresent()) {
            tables.get().commit(table(adopted), subject());
        } else if (!adopted.isEmpty()) {
            throw noTables.orElseThrow();
        }
    }

    private Descriptor join(Collection<Adopted> adopted) {
        Descriptor socket = listener(
                "adopted MACs",
                incoming()
                        .loadAncillary(BpfFilter.Ancillary.PROTOCOL)
                        .rejectIfEqual(ReverseArpFrame.ETHERTYPE) // what showed the MAC to the bridges may come back
                        .rejectUnlessMac(SOURCE_MAC, macs));
        try (Arena arena = Arena.ofConfined()) {
            for (Membership membership : adopted.stream()
                    .map(one -> new Membership(one.linkIndex(), one.mac()))
                    .collect(Collectors.toCollection(LinkedHashSet::new))) {
                socket.option(PacketCalls.SOL_PACKET, PACKET_ADD_MEMBERSHIP, membership.request(arena));
            }
            return socket;
        } catch (RuntimeException e) {
            socket.close();
            throw e;
        }
    }

    private record Membership(int linkIndex, MacAddress mac) {
        /** {@code struct packet_mreq}. */
        MemorySegment request(Arena arena) {
            MemorySegment request = arena.allocate(16, 4);
            request.set(ValueLayout.JAVA_INT, 0, linkIndex);
            request.set(ValueLayout.JAVA_SHORT, 4, PACKET_MR_UNICAST);
            request.set(ValueLayout.JAVA_SHORT, 6, (short) 6);
            MemorySegment.copy(mac.bytes(), 0, request, ValueLayout.JAVA_BYTE, 8, 6);
            return request;
        }
    }

    private static BpfFilter.Builder incoming() {
        return BpfFilter.builder()
                .loadAncillary(BpfFilter.Ancillary.PACKET_TYPE)
                .rejectIfEqual(OUTGOING)
                .loadAncillary(BpfFilter.Ancillary.VLAN_TAG_PRESENT)
                .rejectUnlessEqual(0); // the VLAN's own interface shows it again
    }

    /** Gets the filter before it is bound, so that nothing else comes in. */
    private static Descriptor listener(String subject, BpfFilter.Builder filter) {
        Descriptor socket = Descriptor.slowSocket(PacketCalls.AF_PACKET, SOCK_RAW, 0, subject);
        try (Arena arena = Arena.ofConfined()) {
            boolean _ = PacketCalls.optionIfKnown(socket, PACKET_IGNORE_OUTGOING, 1);
            socket.option(
                    PacketCalls.SOL_SOCKET,
                    SO_ATTACH_FILTER,
                    filter.accept().build().program(arena));
            socket.bind(PacketCalls.address(arena, 0, PacketCalls.ETH_P_ALL));
            return socket;
        } catch (RuntimeException e) {
            socket.close();
            throw e;
        }
    }

    private static NftBatch table(Collection<Adopted> adopted) {
        NftBatch batch = NftBatch.netdev(TABLE).addTable().deleteTable();
        if (adopted.isEmpty()) {
            return batch;
        }
        batch.addTable();
        Map<Membership, List<Adopted>> byMac = adopted.stream()
                .collect(Collectors.groupingBy(
                        one -> new Membership(one.linkIndex(), one.mac()), LinkedHashMap::new, Collectors.toList()));
        Set<String> chains = new LinkedHashSet<>();
        int number = 0;
        for (List<Adopted> here : byMac.values()) {
            String device = here.getFirst().device();
            if (chains.add(device)) {
                batch.addDeviceChain(device, device, HOOK_INGRESS, PRIORITY_FILTER);
            }
            MacAddress mac = here.getFirst().mac();
            number++;
            deliver(batch, device, mac, "ipv4_" + number, addresses(here, true), true);
            deliver(batch, device, mac, "ipv6_" + number, addresses(here, false), false);
        }
        return batch;
    }

    private static List<byte[]> addresses(List<Adopted> adopted, boolean ipv4) {
        return adopted.stream()
                .map(Adopted::address)
                .filter(address -> address.isIpv4() == ipv4)
                .map(IpAddress::bytes)
                .toList();
    }

    /** Few rules however many addresses: every frame of the interface goes through them. */
    private static void deliver(
            NftBatch batch, String chain, MacAddress mac, String set, List<byte[]> addresses, boolean ipv4) {
        if (addresses.isEmpty()) {
            return;
        }
        batch.addSet(set, ipv4 ? TYPE_IPV4 : TYPE_IPV6, addresses.getFirst().length)
                .addElements(set, addresses)
                .addRule(
                        chain,
                        frame(mac, ipv4 ? ETHERTYPE_IPV4 : ETHERTYPE_IPV6)
                                .loadDestination(ipv4 ? IpAddress.Family.IPV4 : IpAddress.Family.IPV6, 0)
                                .in(set, 0)
                                .deliverHere());
        if (ipv4) {
            // asked whether it is still there, the address answers with its MAC of now (RFC 1122 section 2.3.2.1)
            batch.addRule(
                    chain,
                    frame(mac, ArpFrame.ETHERTYPE).loadArpTarget(0).in(set, 0).deliverHere());
        }
    }

    private static NftRule frame(MacAddress destination, int ethertype) {
        return new NftRule()
                .loadEthernetDestination(0)
                .equal(0, destination.bytes())
                .loadEthertype(0)
                .equal(0, ByteBuffer.allocate(2).putShort((short) ethertype).array());
    }

    @Override
    public Optional<Heard> hear(int timeoutMillis) {
        Descriptor ofOwners = owners;
        Descriptor ofSenders = senders;
        if (ofOwners == null || ofSenders == null || !Descriptor.awaitReadable(timeoutMillis, ofOwners, ofSenders)) {
            return Optional.empty();
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(HEADERS_BYTES);
            MemorySegment from = arena.allocate(ADDRESS_BYTES, 4);
            if (receive(ofOwners, buffer, from) >= 14) {
                return Optional.of(new Heard.Owner(from.get(ValueLayout.JAVA_INT, 4), source(buffer)));
            }
            int length = receive(ofSenders, buffer, from);
            return length < 14 ? Optional.empty() : sender(buffer, length, from.get(ValueLayout.JAVA_INT, 4));
        }
    }

    private static int receive(Descriptor socket, MemorySegment buffer, MemorySegment from) {
        try {
            return socket.receive(buffer, from);
        } catch (LinuxException e) {
            if (e.errno().equals(Errno.ENETDOWN)) {
                return -1; // told once when an interface goes down; the others go on
            }
            throw e;
        }
    }

    private static Optional<Heard> sender(MemorySegment frame, int length, int linkIndex) {
        int ethertype =
                (frame.get(ValueLayout.JAVA_BYTE, 12) & 0xff) << 8 | frame.get(ValueLayout.JAVA_BYTE, 13) & 0xff;
        int offset = ethertype == ETHERTYPE_IPV4 ? 14 + 12 : 14 + 8;
        int bytes = ethertype == ETHERTYPE_IPV4 ? 4 : 16;
        if (ethertype != ETHERTYPE_IPV4 && ethertype != ETHERTYPE_IPV6 || length < offset + bytes) {
            return Optional.empty();
        }
        IpAddress address = IpAddress.ofBytes(frame.asSlice(offset, bytes).toArray(ValueLayout.JAVA_BYTE));
        return Optional.of(new Heard.Sender(linkIndex, address, source(frame)));
    }

    private static MacAddress source(MemorySegment frame) {
        return MacAddress.ofBytes(frame.asSlice(SOURCE_MAC, 6).toArray(ValueLayout.JAVA_BYTE));
    }

    private void closeSenders() {
        if (senders != null) {
            senders.close();
            senders = null;
        }
    }

    @Override
    public void close() {
        try {
            adopt(List.of());
        } finally {
            tables.ifPresent(NftSocket::close);
        }
    }
}
