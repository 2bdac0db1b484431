package org.halvs.ipvs.replay;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.halvs.ipvs.admin.KernelError;
import org.halvs.ipvs.admin.SyncDaemon;
import org.halvs.ipvs.admin.SyncDaemons;
import org.halvs.ipvs.capture.FrameBytes;
import org.halvs.ipvs.packet.Checksum;
import org.halvs.ipvs.packet.Ethernet;
import org.halvs.ipvs.packet.IpProtocol;
import org.halvs.ipvs.packet.Ipv4;
import org.halvs.ipvs.packet.Ipv6;
import org.halvs.ipvs.packet.PacketView;
import org.halvs.ipvs.packet.Udp;
import org.halvs.ipvs.packet.Wire;
import org.halvs.ipvs.sync.KernelSync;
import org.halvs.linux.IpAddress;

/**
 * The kernel's synchronisation daemons of a director in memory: what a master tells leaves in frames, what a backup's group receives is learnt.
 */
final class ReplaySync {
    /** The kernel takes any free one. */
    private static final int SOURCE_PORT = 50000;

    private final KernelSync sync;
    private final ReplayNetwork network;
    private final SyncDaemons daemons;
    private int identification;

    ReplaySync(KernelSync sync, ReplayNetwork network) {
        this.sync = sync;
        this.network = network;
        this.daemons = new SyncDaemons(network::hasInterface);
    }

    List<SyncDaemon> running() {
        return daemons.running();
    }

    Optional<KernelError> start(SyncDaemon daemon, long nowNanos) {
        Optional<KernelError> refusal = daemons.start(daemon);
        if (refusal.isEmpty() && daemon.role() == SyncDaemon.Role.MASTER) {
            sync.startMaster(daemon.syncId(), daemon.maxLength(), nowNanos);
        }
        return refusal;
    }

    Optional<KernelError> stop(SyncDaemon.Role role) {
        Optional<KernelError> refusal = daemons.stop(role);
        if (refusal.isEmpty() && role == SyncDaemon.Role.MASTER) {
            sync.stopMaster();
        }
        return refusal;
    }

    /** What the master sends now. */
    List<Answer> due(long nowNanos) {
        List<Answer> frames = new ArrayList<>();
        for (SyncDaemon daemon : daemons.running()) {
            if (daemon.role() == SyncDaemon.Role.MASTER) {
                sync.due(nowNanos)
                        .forEach(datagram ->
                                frames.add(new Answer.Sent(daemon.interfaceName(), frame(daemon, datagram))));
            }
        }
        return frames;
    }

    private FrameBytes frame(SyncDaemon daemon, byte[] datagram) {
        IpAddress group = daemon.group();
        IpAddress source = network.firstAddress(daemon.interfaceName(), group.family())
                .orElse(group.isIpv4() ? IpAddress.ANY_IPV4 : IpAddress.ANY_IPV6);
        long l3 = Ethernet.HEADER;
        int header = group.isIpv4() ? Ipv4.HEADER : Ipv6.HEADER;
        int length = Udp.HEADER + datagram.length;
        byte[] bytes = new byte[Ethernet.HEADER + header + length];
        MemorySegment s = MemorySegment.ofArray(bytes);
        // RFC 1112 section 6.4, RFC 2464 section 7
        long to =
                group.isIpv4() ? 0x01005e000000L | group.low() & 0x7fffff : 0x333300000000L | group.low() & 0xffffffffL;
        Ethernet.write(
                s, 0, to, network.mac(daemon.interfaceName()).value(), group.isIpv4() ? Ethernet.IPV4 : Ethernet.IPV6);
        if (group.isIpv4()) {
            identification = identification + 1 & 0xffff;
            Ipv4.write(
                    s,
                    l3,
                    0,
                    header + length,
                    identification,
                    0,
                    daemon.ttl(),
                    IpProtocol.UDP,
                    source.low(),
                    group.low());
        } else {
            Ipv6.write(
                    s,
                    l3,
                    0,
                    length,
                    IpProtocol.UDP,
                    daemon.ttl(),
                    source.high(),
                    source.low(),
                    group.high(),
                    group.low());
        }
        long udp = l3 + header;
        Wire.put16(s, udp, SOURCE_PORT);
        Wire.put16(s, udp + 2, daemon.port());
        Wire.put16(s, udp + 4, length);
        System.arraycopy(datagram, 0, bytes, bytes.length - datagram.length, datagram.length);
        long pseudo =
                Checksum.pseudoHeader(source.high(), source.low(), group.high(), group.low(), IpProtocol.UDP, length);
        Wire.put16(s, udp + Udp.CHECKSUM, Udp.onWire(Checksum.finish(Checksum.sum(s, udp, length, pseudo))));
        return FrameBytes.of(bytes);
    }

    /** Learns from a frame that is for a backup's group; answers whether it was one. */
    boolean learn(String interfaceName, FrameBytes frame, long nowNanos) {
        for (SyncDaemon daemon : daemons.running()) {
            if (daemon.role() == SyncDaemon.Role.BACKUP
                    && daemon.interfaceName().equals(interfaceName)) {
                Optional<ByteBuffer> datagram = datagram(daemon, frame);
                datagram.ifPresent(bytes -> sync.learn(bytes, daemon.syncId(), nowNanos));
                return datagram.isPresent();
            }
        }
        return false;
    }

    private static Optional<ByteBuffer> datagram(SyncDaemon daemon, FrameBytes frame) {
        if (frame.length() < Ethernet.HEADER) {
            return Optional.empty();
        }
        byte[] bytes = frame.toArray();
        MemorySegment s = MemorySegment.ofArray(bytes);
        PacketView view = new PacketView();
        IpAddress group = daemon.group();
        boolean forGroup = view.parse(s, Ethernet.HEADER, bytes.length, true) == PacketView.Parsed.OK
                && view.protocol == IpProtocol.UDP
                && view.hasPorts
                && !view.isFragment()
                && view.transportLength() >= Udp.HEADER
                && view.destinationPort == daemon.port()
                && view.ipv4 == group.isIpv4()
                && view.destinationHigh == group.high()
                && view.destinationLow == group.low();
        if (!forGroup) {
            return Optional.empty();
        }
        int start = (int) view.l4 + Udp.HEADER;
        return Optional.of(ByteBuffer.wrap(bytes, start, (int) view.end - start).slice());
    }
}
