package org.halvs.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

class PacketRingTest {
    private static final PacketRing.Shape SMALL = new PacketRing.Shape(16384, 2, 2048, 64);
    private static final int TEST_TYPE = 0x88b5; // IEEE 802 local experimental

    @AutoClose
    private final TestNetwork network = TestNetwork.create();

    @Test
    void aFrameArrivesWithHeadroomAndLength() {
        try (PacketRing ring = openRing(ofTestType());
                PacketSender sender = openSender();
                RingWaiter waiter = new RingWaiter();
                Arena arena = Arena.ofConfined()) {
            waiter.watch(List.of(ring));
            assertThat(waiter.await(0)).isFalse();
            sender.add(frame(arena, 100), 0, 100);
            sender.flush();
            assertThat(waiter.await(2000)).isTrue();
            PacketRing.Frame frame = new PacketRing.Frame();
            assertThat(ring.receive(frame)).isTrue();
            assertThat(frame.length()).isEqualTo(100);
            assertThat(frame.wireLength()).isEqualTo(100);
            assertThat(frame.vlan()).isEqualTo(-1);
            assertThat(frame.outgoing()).isFalse();
            assertThat(frame.offset() % SMALL.frameBytes()).isGreaterThanOrEqualTo(64 + VirtioNetHeader.BYTES);
            assertThat(ring.memory().get(ValueLayout.JAVA_BYTE, frame.offset() + 99))
                    .isEqualTo((byte) 99);
            assertThat(VirtioNetHeader.flags(ring.memory(), frame.offset() - VirtioNetHeader.BYTES))
                    .isZero();
            assertThat(ring.receive(frame)).isFalse();
            ring.release();
        }
    }

    @Test
    void aRingThatIsFullLosesAndCountsAndGoesOnAfterARelease() {
        try (PacketRing ring = openRing(ofTestType());
                PacketSender sender = openSender();
                Arena arena = Arena.ofConfined()) {
            MemorySegment frame = frame(arena, 60);
            for (int round = 1; round <= 3; round++) {
                for (int i = 0; i < SMALL.frames() + 4; i++) {
                    sender.add(frame, 0, 60);
                }
                sender.flush();
                assertThat(take(ring)).isEqualTo(SMALL.frames());
                assertThat(ring.dropped()).isEqualTo(4L * round);
            }
            assertThat(sender.sent()).isEqualTo(3L * (SMALL.frames() + 4));
            assertThat(sender.congested() + sender.refused()).isZero();
        }
    }

    @Test
    void aFrameLongerThanASlotIsCutAndSaysSo() {
        try (PacketRing ring = openRing(ofTestType());
                PacketSender sender = openSender();
                Arena arena = Arena.ofConfined()) {
            network.ipHere("link set eth0 mtu 9000");
            network.ipThere("link set eth0 mtu 9000");
            sender.add(frame(arena, 4000), 0, 4000);
            sender.flush();
            PacketRing.Frame frame = new PacketRing.Frame();
            assertThat(ring.receive(frame)).isTrue();
            assertThat(frame.wireLength()).isEqualTo(4000);
            assertThat(frame.length()).isLessThan(4000).isGreaterThanOrEqualTo(SMALL.longestFrameBytes());
        }
    }

    @Test
    void aFilterChoosesByLengthAndCanBeReplaced() {
        BpfFilter upTo100 =
                BpfFilter.builder().loadLength().rejectIfGreater(100).accept().build();
        BpfFilter above100 = BpfFilter.builder()
                .loadLength()
                .rejectUnlessGreater(100)
                .accept()
                .build();
        try (PacketRing ring = openRing(upTo100);
                PacketSender sender = openSender();
                Arena arena = Arena.ofConfined()) {
            take(ring);
            PacketRing.Frame received = new PacketRing.Frame();
            for (int length : new int[] {100, 101}) {
                sender.add(frame(arena, length), 0, length);
            }
            sender.flush();
            assertThat(ring.receive(received)).isTrue();
            assertThat(received.length()).isEqualTo(100);
            ring.filter(above100);
            for (int length : new int[] {100, 101}) {
                sender.add(frame(arena, length), 0, length);
            }
            sender.flush();
            assertThat(ring.receive(received)).isTrue();
            assertThat(received.length()).isEqualTo(101);
        }
    }

    @Test
    void framesThisMachineSendsAreNotReceived() {
        try (PacketRing ring = openRing(ofTestType());
                PacketSender back = network.inThere(() -> PacketSender.open(index(), "eth0", 8, false));
                Arena arena = Arena.ofConfined()) {
            back.add(frame(arena, 60), 0, 60);
            back.flush();
            assertThat(ring.available()).isFalse();
        }
    }

    @Test
    void aFrameWithATagTakenOffShowsIt() {
        try (PacketRing ring = openRing(BpfFilter.builder()
                        .loadAncillary(BpfFilter.Ancillary.VLAN_TAG_PRESENT)
                        .rejectUnlessEqual(1)
                        .accept()
                        .build());
                PacketSender sender = openSender();
                Arena arena = Arena.ofConfined()) {
            MemorySegment frame = frame(arena, 64);
            byte[] tag = {(byte) 0x81, 0x00, 0x00, 0x2a, (byte) 0x88, (byte) 0xb5};
            MemorySegment.copy(tag, 0, frame, ValueLayout.JAVA_BYTE, 12, tag.length);
            sender.add(frame, 0, 64);
            sender.flush();
            PacketRing.Frame received = new PacketRing.Frame();
            assertThat(ring.receive(received)).isTrue();
            assertThat(received.vlan()).isEqualTo(42);
            assertThat(received.length()).isEqualTo(60);
        }
    }

    @Test
    void anInterfaceThatGoesDownIsAnErrorOnceAndWorksAgainWhenItIsBack() {
        try (PacketRing ring = openRing(ofTestType());
                PacketSender sender = openSender();
                RingWaiter waiter = new RingWaiter();
                Arena arena = Arena.ofConfined()) {
            waiter.watch(List.of(ring));
            network.ipThere("link set eth0 down");
            assertThat(waiter.await(1000)).isTrue();
            assertThat(waiter.failed(0)).isTrue();
            assertThat(ring.takeError()).isEqualTo(Errno.ENETDOWN);
            assertThat(waiter.await(0)).isFalse();
            network.ipThere("link set eth0 up");
            sender.add(frame(arena, 60), 0, 60);
            sender.flush();
            assertThat(waiter.await(1000)).isTrue();
            assertThat(take(ring)).isEqualTo(1);
        }
    }

    @Test
    void anotherThreadWakesTheOneThatWaits() throws InterruptedException {
        try (RingWaiter waiter = new RingWaiter()) {
            Thread.ofPlatform().start(waiter::wake).join();
            assertThat(waiter.await(5000)).isTrue();
            assertThat(waiter.await(0)).isFalse();
        }
    }

    private static BpfFilter ofTestType() {
        return BpfFilter.builder()
                .loadAncillary(BpfFilter.Ancillary.PROTOCOL)
                .rejectUnlessEqual(TEST_TYPE)
                .accept()
                .build();
    }

    private static int take(PacketRing ring) {
        PacketRing.Frame frame = new PacketRing.Frame();
        int count = 0;
        while (ring.receive(frame)) {
            count++;
        }
        ring.release();
        return count;
    }

    private PacketRing openRing(BpfFilter filter) {
        return network.inThere(() -> PacketRing.open(index(), "eth0", SMALL, filter));
    }

    private PacketSender openSender() {
        return network.inHere(() -> PacketSender.open(index(), "eth0", 64, false));
    }

    private static int index() {
        try (Rtnetlink rtnetlink = Rtnetlink.open()) {
            return rtnetlink.links().stream()
                    .filter(link -> link.name().equals("eth0"))
                    .findFirst()
                    .orElseThrow()
                    .index();
        }
    }

    /** A broadcast frame of the test's own type whose last bytes count up. */
    private static MemorySegment frame(Arena arena, int length) {
        MemorySegment frame = arena.allocate(length, 2);
        for (int i = 0; i < length; i++) {
            frame.set(ValueLayout.JAVA_BYTE, i, (byte) (i < 6 ? 0xff : i));
        }
        frame.set(ValueLayout.JAVA_BYTE, 12, (byte) (TEST_TYPE >>> 8));
        frame.set(ValueLayout.JAVA_BYTE, 13, (byte) TEST_TYPE);
        return frame;
    }
}
