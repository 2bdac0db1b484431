package org.halvs.ipvs.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class CaptureTest {
    private static final FrameBytes A = FrameBytes.ofHex("02000000010102000000010208004500");
    private static final FrameBytes B = FrameBytes.ofHex("020000000201020000000202080045");
    private static final List<CapturedFrame> FRAMES = List.of(
            new CapturedFrame(1_700_000_000_123_456_789L, "eth0", A),
            new CapturedFrame(1_700_000_001_000_000_000L, "eth1", B, 1514),
            new CapturedFrame(1_700_000_001_000_000_001L, "eth0", B));

    @Test
    void pcapngKeepsInterfacesTimesAndLengths() throws IOException {
        assertThat(CaptureReader.read(CaptureWriter.pcapng(FRAMES))).isEqualTo(FRAMES);
    }

    @Test
    void pcapKeepsAllButTheInterfaces() throws IOException {
        List<CapturedFrame> nameless = FRAMES.stream()
                .map(frame -> new CapturedFrame(frame.timeNanos(), "", frame.bytes(), frame.originalLength()))
                .toList();
        assertThat(CaptureReader.read(CaptureWriter.pcap(FRAMES))).isEqualTo(nameless);
    }

    @Test
    void tcpdumpsPcapIsReadInBothByteOrders() throws IOException {
        for (ByteOrder order : List.of(ByteOrder.BIG_ENDIAN, ByteOrder.LITTLE_ENDIAN)) {
            byte[] file = new byte[24 + 16 + A.length()];
            ByteBuffer out = ByteBuffer.wrap(file).order(order);
            out.putInt(0xa1b2c3d4)
                    .putShort((short) 2)
                    .putShort((short) 4)
                    .putLong(0)
                    .putInt(65535)
                    .putInt(1);
            out.putInt(12).putInt(345_678).putInt(A.length()).putInt(60).put(A.toArray());
            assertThat(CaptureReader.read(file)).containsExactly(new CapturedFrame(12_345_678_000L, "", A, 60));
        }
    }

    @Test
    void aCutOffFileGivesThePacketsBeforeTheCut() throws IOException {
        byte[] whole = CaptureWriter.pcapng(FRAMES);
        assertThat(CaptureReader.read(Arrays.copyOf(whole, whole.length - 5))).hasSize(2);
        byte[] pcap = CaptureWriter.pcap(FRAMES);
        assertThat(CaptureReader.read(Arrays.copyOf(pcap, pcap.length - 5))).hasSize(2);
    }

    @Test
    void otherFilesAreRefused() {
        assertThatThrownBy(() -> CaptureReader.read("#!/bin/sh -e\necho hello, I am a shell script\n"
                        .getBytes(java.nio.charset.StandardCharsets.US_ASCII)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("neither a pcap nor a pcapng file");
    }

    @Test
    void damagedFilesNeverThrowAnythingElse() {
        Random random = new Random(1);
        byte[] whole = CaptureWriter.pcapng(FRAMES);
        for (int i = 0; i < 20_000; i++) {
            byte[] damaged = whole.clone();
            for (int j = 0; j <= i % 4; j++) {
                damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
            }
            try {
                CaptureReader.read(damaged);
            } catch (IOException expected) {
                assertThat(expected).hasMessageContaining(" ");
            }
        }
    }
}
