package org.halvs.ipvs.forward;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.halvs.ipvs.ConnectionEntry;
import org.halvs.ipvs.ForwardingMethod;
import org.halvs.ipvs.Protocol;
import org.halvs.ipvs.RealServer;
import org.halvs.ipvs.SchedulerKind;
import org.halvs.ipvs.ServiceKey;
import org.halvs.ipvs.VirtualService;
import org.halvs.ipvs.packet.Tcp;
import org.halvs.linux.IpAddress;
import org.junit.jupiter.api.Test;

/** A batch comes to what its packets come to one by one, whatever a packet does to the connections of those behind it. */
class BatchTest {
    private static final int BATCHES = 3000;
    private static final int MOST = 48;
    private static final int SLOT = 512;
    private static final int HEADROOM = 128;
    private static final ServiceKey WEB = new ServiceKey.AddressKey(Protocol.TCP, DirectorLab.VIP, 80);
    private static final ServiceKey NAMES = new ServiceKey.AddressKey(Protocol.UDP, DirectorLab.VIP, 53);
    private static final int[] FLAGS = {
        Tcp.SYN, Tcp.SYN, Tcp.SYN, Tcp.ACK, Tcp.ACK, Tcp.ACK, Tcp.FIN | Tcp.ACK, Tcp.RST, Tcp.SYN | Tcp.ACK
    };

    private static final class Packet {
        final int side;
        final byte[] frame;

        Packet(int side, byte[] frame) {
            this.side = side;
            this.frame = frame;
        }
    }

    private final RandomGenerator random =
            RandomGeneratorFactory.of("L64X128MixRandom").create(11);
    private final DirectorLab single = lab();
    private final DirectorLab batched = lab();
    private final MemorySegment memory = Arena.ofAuto().allocate((long) MOST * SLOT, 64);

    private static DirectorLab lab() {
        DirectorLab lab = new DirectorLab();
        for (ServiceKey key : List.of(WEB, NAMES)) {
            lab.service(VirtualService.of(key, SchedulerKind.WLC));
            for (int server = 1; server <= 3; server++) {
                lab.addServer(
                        key, RealServer.of(DirectorLab.server(server), 8000, ForwardingMethod.MASQUERADE, server));
            }
        }
        // every new request of a closed connection ends an entry and makes another
        lab.processor.settings(IpvsSettings.DEFAULT.with(Setting.CONN_REUSE_MODE, 1));
        return lab;
    }

    @Test
    void aBatchIsWhatItsPacketsAre() {
        int most = 0;
        for (int i = 0; i < BATCHES; i++) {
            List<Packet> packets = new ArrayList<>();
            int count = 1 + random.nextInt(MOST);
            for (int k = 0; k < count; k++) {
                packets.add(packet());
            }
            List<DirectorLab.Sent> oneByOne = new ArrayList<>();
            List<Verdict> verdicts = new ArrayList<>();
            for (Packet each : packets) {
                oneByOne.addAll(single.send(each.side, each.frame));
                verdicts.add(single.lastVerdict);
            }
            List<DirectorLab.Sent> together = new ArrayList<>();
            assertThat(sendTogether(packets, together)).as("batch %d", i).isEqualTo(verdicts);
            assertThat(together).as("batch %d", i).isEqualTo(oneByOne);
            if (random.nextInt(4) == 0) {
                int millis = random.nextInt(3000);
                single.advance(millis);
                batched.advance(millis);
            }
            if (i % 300 == 0) {
                most = Math.max(most, compareTables());
            }
        }
        assertThat(most).as("enough entries for looking ahead").isGreaterThan(1000);
    }

    private int compareTables() {
        List<ConnectionEntry> entries = single.processor.connections(single.nowNanos);
        assertThat(batched.processor.connections(batched.nowNanos)).isEqualTo(entries);
        assertThat(batched.processor.stats()).isEqualTo(single.processor.stats());
        return entries.size();
    }

    private Packet packet() {
        // few clients: packets of one connection often stand in one batch
        IpAddress client = IpAddress.ofIpv4(0x0b000000 + random.nextInt(40));
        int port = 1024 + random.nextInt(60);
        boolean udp = random.nextInt(5) == 0;
        if (random.nextInt(3) == 0) {
            IpAddress server = DirectorLab.server(1 + random.nextInt(3));
            int side = DirectorLab.SERVER_SIDE;
            return new Packet(
                    side,
                    udp
                            ? Frames.udp(side, server, 8000, client, port, new byte[4])
                            : Frames.tcp(side, server, 8000, client, port, FLAGS[random.nextInt(FLAGS.length)]));
        }
        int side = DirectorLab.CLIENT_SIDE;
        return new Packet(
                side,
                udp
                        ? Frames.udp(side, client, port, DirectorLab.VIP, 53, new byte[4])
                        : Frames.tcp(side, client, port, DirectorLab.VIP, 80, FLAGS[random.nextInt(FLAGS.length)]));
    }

    private List<Verdict> sendTogether(List<Packet> packets, List<DirectorLab.Sent> sent) {
        PacketBuffer[] buffers = new PacketBuffer[packets.size()];
        for (int i = 0; i < buffers.length; i++) {
            byte[] frame = packets.get(i).frame;
            long at = (long) i * SLOT + HEADROOM;
            MemorySegment.copy(frame, 0, memory, ValueLayout.JAVA_BYTE, at, frame.length);
            buffers[i] = new PacketBuffer().set(memory, at, frame.length, HEADROOM, 64, packets.get(i).side);
        }
        Verdict[] verdicts = new Verdict[buffers.length];
        batched.processor.process(buffers, buffers.length, verdicts, batched.nowNanos, batched.collecting(sent));
        return Arrays.asList(verdicts);
    }
}
