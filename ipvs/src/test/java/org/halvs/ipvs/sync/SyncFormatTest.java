package org.halvs.ipvs.sync;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.Random;
import org.halvs.ipvs.connection.ConnectionFlag;
import org.junit.jupiter.api.Test;

class SyncFormatTest {

    @Test
    void whatIsWrittenIsRead() {
        Random random = new Random(11);
        SyncRecord read = new SyncRecord();
        for (int i = 0; i < 20_000; i++) {
            SyncRecord written = Records.random(random);
            ByteBuffer buffer = ByteBuffer.allocate(2 * SyncFormat.MAX_RECORD);
            SyncFormat.write(written, buffer);
            assertThat(buffer.position()).isLessThanOrEqualTo(SyncFormat.MAX_RECORD);
            buffer.put((byte) 0x77).flip();
            assertThat(SyncFormat.read(buffer, read)).isTrue();
            assertThat(buffer.remaining()).isOne();
            assertThat(Records.text(read)).isEqualTo(Records.text(written));
        }
    }

    @Test
    void aPlainIpv4ConnectionTakes38Bytes() {
        SyncRecord record = new SyncRecord();
        record.protocol = 6;
        record.state = 1;
        record.clientLow = 0xc0a80001L;
        ByteBuffer buffer = ByteBuffer.allocate(SyncFormat.MAX_RECORD);
        SyncFormat.write(record, buffer);
        assertThat(buffer.position()).isEqualTo(38);
    }

    @Test
    void fieldsOfALaterVersionAreSkipped() {
        SyncRecord written = Records.random(new Random(5));
        ByteBuffer buffer = ByteBuffer.allocate(2 * SyncFormat.MAX_RECORD);
        SyncFormat.write(written, buffer);
        int length = buffer.position() + 3;
        buffer.put(new byte[3]).putShort(0, (short) length).flip();
        SyncRecord read = new SyncRecord();
        assertThat(SyncFormat.read(buffer, read)).isTrue();
        assertThat(Records.text(read)).isEqualTo(Records.text(written));
        assertThat(buffer.hasRemaining()).isFalse();
    }

    @Test
    void anyBytesAreReadOrRefused() {
        Random random = new Random(3);
        SyncRecord record = new SyncRecord();
        int refused = 0;
        for (int i = 0; i < 50_000; i++) {
            ByteBuffer buffer = ByteBuffer.allocate(2 * SyncFormat.MAX_RECORD);
            SyncFormat.write(Records.random(random), buffer);
            int length = buffer.position();
            for (int changes = random.nextInt(4); changes >= 0; changes--) {
                buffer.put(random.nextInt(length), (byte) random.nextInt());
            }
            buffer.position(0).limit(random.nextInt(length + 1));
            if (SyncFormat.read(buffer, record)) {
                assertThat(record.timeoutMillis).isNotNegative();
                assertThat(record.flags & ~SyncRecord.TOLD_FLAGS).isZero();
            } else {
                refused++;
            }
        }
        assertThat(refused).isPositive();
    }

    /** Records at random. */
    static final class Records {
        private Records() {}

        static SyncRecord random(Random random) {
            SyncRecord record = new SyncRecord();
            record.ipv6 = random.nextBoolean();
            record.otherFamily = random.nextInt(5) == 0;
            record.protocol = random.nextInt(256);
            record.state = random.nextInt(14);
            record.flags = random.nextInt() & SyncRecord.TOLD_FLAGS;
            record.clientHigh = record.ipv6 ? random.nextLong() : 0;
            record.clientLow = address(random, record.ipv6);
            record.clientPort = random.nextInt(65_536);
            record.virtualHigh = record.ipv6 ? random.nextLong() : 0;
            record.virtualLow = address(random, record.ipv6);
            record.virtualPort = random.nextInt(65_536);
            record.destinationHigh = record.isDestinationIpv6() ? random.nextLong() : 0;
            record.destinationLow = address(random, record.isDestinationIpv6());
            record.destinationPort = random.nextInt(65_536);
            record.mark = random.nextBoolean() ? random.nextInt() : 0;
            record.timeoutMillis = random.nextInt(Integer.MAX_VALUE);
            record.remainingMillis = random.nextInt(Integer.MAX_VALUE);
            record.inPackets = random.nextInt();
            if (random.nextBoolean()) {
                record.controlled = true;
                record.controlTemplate = random.nextBoolean();
                record.controlProtocol = random.nextInt(256);
                record.controlClientHigh = record.ipv6 ? random.nextLong() : 0;
                record.controlClientLow = address(random, record.ipv6);
                record.controlClientPort = random.nextInt(65_536);
                record.controlVirtualHigh = record.ipv6 ? random.nextLong() : 0;
                record.controlVirtualLow = address(random, record.ipv6);
                record.controlVirtualPort = random.nextInt(65_536);
            }
            if (random.nextInt(4) == 0) {
                record.helped = true;
                record.helperMode = random.nextInt(3);
                record.shiftInitial = random.nextInt();
                record.shiftDelta = random.nextInt();
                record.shiftPrevious = random.nextInt();
            }
            if (random.nextInt(4) == 0) {
                record.flags |= ConnectionFlag.TEMPLATE;
                record.engine = "sip";
                record.engineKey = "x".repeat(random.nextInt(256));
            }
            return record;
        }

        private static long address(Random random, boolean ipv6) {
            return ipv6 ? random.nextLong() : random.nextInt() & 0xffffffffL;
        }

        static String text(SyncRecord r) {
            return String.join(
                    " ",
                    r.ipv6 + "," + r.otherFamily + "," + r.protocol + "," + r.state + "," + r.flags,
                    r.clientHigh + "," + r.clientLow + "," + r.clientPort,
                    r.virtualHigh + "," + r.virtualLow + "," + r.virtualPort,
                    r.destinationHigh + "," + r.destinationLow + "," + r.destinationPort,
                    r.mark + "," + r.timeoutMillis + "," + r.remainingMillis + "," + r.inPackets,
                    !r.controlled
                            ? "free"
                            : r.controlTemplate + "," + r.controlProtocol + "," + r.controlClientHigh + ","
                                    + r.controlClientLow + "," + r.controlClientPort + "," + r.controlVirtualHigh + ","
                                    + r.controlVirtualLow + "," + r.controlVirtualPort,
                    r.helped + "," + r.helperMode + "," + r.shiftInitial + "," + r.shiftDelta + "," + r.shiftPrevious,
                    r.engine + "," + r.engineKey);
        }
    }
}
