package org.halvs.ipvs.plane;

import java.util.concurrent.atomic.AtomicInteger;
import org.halvs.lab.Host;
import org.halvs.linux.BpfFilter;
import org.halvs.linux.PacketRing;
import org.halvs.linux.Rtnetlink;

/** Captures the TCP resets (IPv4) that reach a host. */
final class ResetWatch implements AutoCloseable {
    private static final int IPV4 = 0x0800;
    private static final int TCP = 6;
    private static final int RST = 4;

    private final PacketRing ring;
    private final AtomicInteger seen = new AtomicInteger();

    private ResetWatch(PacketRing ring) {
        this.ring = ring;
    }

    static ResetWatch on(Host host, String device) throws Exception {
        BpfFilter resets = BpfFilter.builder()
                .loadAncillary(BpfFilter.Ancillary.PROTOCOL)
                .rejectUnlessEqual(IPV4)
                .loadByte(14 + 9)
                .rejectUnlessEqual(TCP)
                .loadByte(14 + 20 + 13)
                .and(RST)
                .rejectIfEqual(0)
                .accept()
                .build();
        return new ResetWatch(host.call(
                () -> PacketRing.open(index(device), device, new PacketRing.Shape(65536, 1, 2048, 0), resets)));
    }

    private static int index(String device) {
        try (Rtnetlink rtnetlink = Rtnetlink.open()) {
            return rtnetlink.links().stream()
                    .filter(link -> link.name().equals(device))
                    .findFirst()
                    .orElseThrow()
                    .index();
        }
    }

    /** How many there were so far. */
    int resets() {
        PacketRing.Frame frame = new PacketRing.Frame();
        while (ring.receive(frame)) {
            seen.incrementAndGet();
        }
        ring.release();
        return seen.get();
    }

    @Override
    public void close() {
        ring.close();
    }
}
