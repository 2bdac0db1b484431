package org.halvs.ipvs.sync;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.halvs.ipvs.connection.ConnectionFlag;
import org.junit.jupiter.api.Test;

/** What a real kernel sent, and what we would have sent in its place. */
class KernelSyncFormatTest {
    private static final int SYNC_ID = 7;

    private static List<String[]> recorded() throws IOException {
        try (InputStream in = Objects.requireNonNull(
                KernelSyncFormatTest.class.getResourceAsStream("/org/halvs/ipvs/golden/sync/v1.txt"))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.startsWith("#"))
                    .map(line -> line.split(" ", 2))
                    .toList();
        }
    }

    @Test
    void datagramsOfAKernelAreReadAndWrittenAgainByteForByte() throws IOException {
        int records = 0;
        for (String[] each : recorded()) {
            ByteBuffer datagram = ByteBuffer.wrap(HexFormat.of().parseHex(each[1]));
            List<SyncRecord> read = KernelSyncFormat.read(datagram, SYNC_ID).orElseThrow();
            assertThat(read).as(each[0]).hasSize(datagram.get(4) & 0xff);
            records += read.size();
            ByteBuffer again = ByteBuffer.allocate(1472);
            KernelSyncFormat.begin(again, SYNC_ID);
            read.forEach(
                    record -> assertThat(KernelSyncFormat.add(again, record)).isTrue());
            assertThat(HexFormat.of().formatHex(again.array(), 0, again.position()))
                    .as(each[0])
                    .isEqualTo(each[1]);
        }
        assertThat(records).isGreaterThan(70);
    }

    @Test
    void theFieldsAreThoseTheKernelListed() throws IOException {
        SyncRecord first = records("tcp-60-more").getFirst();
        assertThat(first.protocol).isEqualTo(6);
        assertThat(first.state).as("ESTABLISHED").isOne();
        assertThat(first.clientLow).isEqualTo(0xc6122801L);
        assertThat(first.clientPort).isEqualTo(0xa029);
        assertThat(first.virtualLow).isEqualTo(0x0a000164L);
        assertThat(first.destinationLow).isEqualTo(0x0a00020cL);
        assertThat(first.destinationPort).isEqualTo(2053);
        assertThat(first.timeoutMillis).isEqualTo(900_000);
        SyncRecord marked = records("fwmark").getFirst();
        assertThat(marked.isTemplate()).isTrue();
        assertThat(marked.mark).isEqualTo(7);
        assertThat(marked.flags & ConnectionFlag.METHOD).isEqualTo(ConnectionFlag.TUNNEL);
        SyncRecord call = records("pe-sip").getFirst();
        assertThat(call.engine).isEqualTo("sip");
        assertThat(call.engineKey).isEqualTo("callid-77@host");
        assertThat(records("tcp6").getLast().clientHigh).isEqualTo(0x20010db800000000L);
    }

    private static List<SyncRecord> records(String phase) throws IOException {
        String hex = recorded().stream()
                .filter(each -> each[0].equals(phase))
                .findFirst()
                .orElseThrow()[1];
        return KernelSyncFormat.read(ByteBuffer.wrap(HexFormat.of().parseHex(hex)), 0)
                .orElseThrow();
    }

    @Test
    void otherMastersAndBrokenDatagramsAreNotRead() throws IOException {
        byte[] datagram = HexFormat.of().parseHex(recorded().getFirst()[1]);
        assertThat(KernelSyncFormat.read(ByteBuffer.wrap(datagram), 8)).isEmpty();
        assertThat(KernelSyncFormat.read(ByteBuffer.wrap(datagram, 0, datagram.length - 1), SYNC_ID))
                .isEmpty();
        byte[] version0 = HexFormat.of().parseHex("0107001c0006a02808080808c61228010a0001640a00020c00000001");
        assertThat(KernelSyncFormat.read(ByteBuffer.wrap(version0), SYNC_ID)).isEmpty();
    }

    @Test
    void anyBytesAreReadOrRefused() throws IOException {
        Random random = new Random(4);
        List<String[]> recorded = recorded();
        for (int i = 0; i < 30_000; i++) {
            byte[] bytes = HexFormat.of().parseHex(recorded.get(random.nextInt(recorded.size()))[1]);
            for (int changes = random.nextInt(6); changes >= 0; changes--) {
                bytes[8 + random.nextInt(bytes.length - 8)] = (byte) random.nextInt();
            }
            KernelSyncFormat.read(ByteBuffer.wrap(bytes), SYNC_ID)
                    .ifPresent(records -> records.forEach(
                            record -> assertThat(record.timeoutMillis).isNotNegative()));
        }
    }

    @Test
    void aFullDatagramTakesNoMore() {
        ByteBuffer datagram = ByteBuffer.allocate(1472);
        KernelSyncFormat.begin(datagram, 1);
        int records = 0;
        while (KernelSyncFormat.add(datagram, new SyncRecord())) {
            records++;
        }
        assertThat(records).isEqualTo(40);
        assertThat(datagram.getShort(2)).isEqualTo((short) (8 + 40 * 36));
    }
}
