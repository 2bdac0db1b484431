package org.halvs.ipvs.port;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.halvs.ipvs.ForwardingStats.DropCount;
import org.halvs.ipvs.forward.NetworkView;
import org.halvs.ipvs.forward.Offload;
import org.halvs.linux.IpAddress;
import org.halvs.linux.MacAddress;
import org.junit.jupiter.api.Test;

class ForwardingLoopTest {
    private static final long SECOND = 1_000_000_000L;
    private static final NetworkView RESOLVED = NetworkView.builder()
            .addNeighbour(2, ScriptedProcessor.NEXT_HOP, new MacAddress(0x02_00_5e_00_53_01L))
            .build();

    private final ScriptedProcessor processor = new ScriptedProcessor();
    private final List<IpAddress> asked = new ArrayList<>();
    private final List<Integer> delivered = new ArrayList<>();
    private final MemoryPort one = new MemoryPort(1, "eth0", 64);
    private final MemoryPort two = new MemoryPort(2, "eth1", 64);
    private boolean stackTakes = true;
    private final ForwardingLoop loop = new ForwardingLoop(
            processor,
            new LocalDelivery() {
                @Override
                public boolean deliver(MemorySegment segment, long offset, int length, Offload offload) {
                    delivered.add(length);
                    return stackTakes;
                }

                @Override
                public void close() {
                    delivered.clear();
                }
            },
            (_, nextHop) -> asked.add(nextHop));

    ForwardingLoopTest() {
        loop.ports(List.of(one, two));
    }

    @Test
    void aFrameLeavesRewrittenByThePortItWasSentTo() {
        one.offer(frame(ScriptedProcessor.TO_PORT_2, 60));
        assertThat(loop.turn(0)).isEqualTo(1);
        assertThat(one.takeSent()).isEmpty();
        assertThat(two.takeSent()).singleElement().satisfies(sent -> {
            assertThat(sent.bytes()).hasSize(60);
            assertThat(sent.bytes()[1]).isEqualTo((byte) 77);
        });
        assertThat(loop.turn(0)).isZero();
    }

    @Test
    void offloadsTravelWithTheFrame() {
        Offload offload = new Offload().checksumPartial(34, 16).gso(Offload.GSO_TCPV4, 1448, 66);
        one.offer(new MemoryPort.Frame(frame(ScriptedProcessor.TO_PORT_2, 5000), offload));
        loop.turn(0);
        Offload sent = two.takeSent().getFirst().offload();
        assertThat(sent.gsoSize()).isEqualTo(1448);
        assertThat(sent.checksumStart()).isEqualTo(34);
    }

    @Test
    void aFrameThatBreaksTheProcessorIsCountedAndTheOthersGoOn() {
        one.offer(frame(ScriptedProcessor.TO_PORT_2, 60));
        one.offer(frame(ScriptedProcessor.BREAK, 61));
        one.offer(frame(ScriptedProcessor.TO_PORT_2, 62));
        one.offer(frame(ScriptedProcessor.BREAK, 63));
        one.offer(frame(ScriptedProcessor.TO_PORT_2, 64));
        loop.turn(0);
        assertThat(two.takeSent()).extracting(sent -> sent.bytes().length).containsExactly(60, 62, 64);
        assertThat(loop.stats().drops())
                .extracting(DropCount::reason, DropCount::packets)
                .containsExactly(tuple("malformed", 3L), tuple("processing", 2L));
    }

    @Test
    void moreThanABatchTakesMoreTurns() {
        for (int i = 0; i < ForwardingLoop.BATCH + 1; i++) {
            one.offer(frame(ScriptedProcessor.TO_PORT_2, 60));
        }
        assertThat(loop.turn(0)).isEqualTo(ForwardingLoop.BATCH);
        assertThat(loop.turn(0)).isEqualTo(1);
    }

    @Test
    void aFrameForAnInterfaceWithoutPortIsCounted() {
        one.offer(frame(ScriptedProcessor.TO_NOWHERE, 60));
        loop.turn(0);
        assertThat(loop.stats().drops()).contains(new DropCount("no_port", 1));
    }

    @Test
    void whatTheStackRefusesIsCounted() {
        one.offer(frame(ScriptedProcessor.LOCAL_SERVER, 60));
        loop.turn(0);
        stackTakes = false;
        one.offer(frame(ScriptedProcessor.LOCAL_SERVER, 61));
        loop.turn(0);
        assertThat(delivered).containsExactly(60, 61);
        assertThat(loop.stats().drops()).contains(new DropCount("local_delivery", 1));
    }

    @Test
    void framesWaitForTheirNextHopAndAskForItOnce() {
        one.offer(frame(ScriptedProcessor.UNRESOLVED, 60));
        one.offer(frame(ScriptedProcessor.UNRESOLVED, 61));
        loop.turn(0);
        assertThat(asked).containsExactly(ScriptedProcessor.NEXT_HOP);
        assertThat(two.takeSent()).isEmpty();
        loop.network(RESOLVED, 1);
        assertThat(two.takeSent())
                .hasSize(2)
                .allSatisfy(sent -> assertThat(sent.bytes()).startsWith(0x02, 0x00, 0x5e, 0x00, 0x53, 0x01));
        loop.network(RESOLVED, 2);
        assertThat(two.takeSent()).isEmpty();
    }

    @Test
    void aNextHopThatNeverAnswersIsAskedThreeTimesAndGivenUp() {
        one.offer(frame(ScriptedProcessor.UNRESOLVED, 60));
        loop.turn(0);
        for (int tenth = 1; tenth <= 40; tenth++) {
            loop.expire(tenth * SECOND / 10);
        }
        assertThat(asked).hasSize(3);
        assertThat(loop.stats().drops()).contains(new DropCount("neighbour", 1));
        loop.network(RESOLVED, 5 * SECOND);
        assertThat(two.takeSent()).isEmpty();
        assertThat(processor.expirations).isEqualTo(40);
    }

    @Test
    void ofTooManyFramesForOneNextHopTheOldestGo() {
        for (int i = 0; i < 10; i++) {
            one.offer(frame(ScriptedProcessor.UNRESOLVED, 50_000 + i));
        }
        loop.turn(0);
        loop.network(RESOLVED, 1);
        assertThat(two.takeSent())
                .extracting(sent -> sent.bytes().length)
                .containsExactly(50_006, 50_007, 50_008, 50_009);
    }

    @Test
    void portsThatAreNoLongerUsedAreClosed() {
        loop.ports(List.of(two));
        assertThat(one.closed()).isTrue();
        assertThat(two.closed()).isFalse();
        loop.close();
        assertThat(two.closed()).isTrue();
    }

    private static byte[] frame(byte order, int length) {
        byte[] frame = new byte[length];
        frame[0] = order;
        return frame;
    }
}
