package org.halvs.ipvs.port;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HexFormat;
import org.halvs.ipvs.forward.Offload;
import org.junit.jupiter.api.Test;

class SoftwareOffloadTest {
    /** A SYN from 10.0.0.1:4000 to 10.0.0.2:80, its checksum field holding the sum of the pseudo-header. */
    private static final String SYN = "0200000000020200000000010800" // Ethernet
            + "45000028000140004006" + "0000" + "0a0000010a000002" // IPv4
            + "0fa000500000000100000000" + "50022000" + "141d" + "0000"; // TCP

    @Test
    void anUnfinishedTcpChecksumIsFoundAndFinished() {
        try (Arena arena = Arena.ofConfined()) {
            byte[] bytes = HexFormat.of().parseHex(SYN);
            MemorySegment frame = arena.allocate(bytes.length);
            MemorySegment.copy(bytes, 0, frame, ValueLayout.JAVA_BYTE, 0, bytes.length);
            Offload offload = new Offload();
            SoftwareOffload.describe(frame, 0, bytes.length, offload);
            assertThat(offload.isChecksumPartial()).isTrue();
            assertThat(offload.checksumStart()).isEqualTo(34);
            assertThat(offload.checksumOffset()).isEqualTo(16);
            SoftwareOffload.finishChecksum(frame, 0, bytes.length, offload);
            // the receiver's sum over pseudo-header, header and checksum has to be all ones
            int sum = 0x0a00 + 0x0001 + 0x0a00 + 0x0002 + 6 + 20;
            for (int i = 34; i < 54; i += 2) {
                sum += (frame.get(ValueLayout.JAVA_BYTE, i) & 0xff) << 8
                        | frame.get(ValueLayout.JAVA_BYTE, i + 1) & 0xff;
            }
            sum = (sum & 0xffff) + (sum >>> 16);
            assertThat((sum & 0xffff) + (sum >>> 16)).isEqualTo(0xffff);
        }
    }
}
