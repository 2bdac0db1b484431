package org.halvs.bench;

import java.util.Arrays;
import org.halvs.ipvs.SchedulerKind;
import org.halvs.ipvs.forward.IpvsProcessor;
import org.halvs.ipvs.forward.Verdict;
import org.halvs.ipvs.packet.Tcp;

/** Requests of clients not seen before. Time passes so that connections expire as fast as they come once there are 100 000. */
final class NewTraffic {
    private static final int STANDING = 100_000;
    private static final long SYN_RECV_NANOS = 60_000_000_000L;
    private static final long BATCH_NANOS = SYN_RECV_NANOS / STANDING * FrameRing.BATCH;

    final LastFrame sink = new LastFrame();
    private final FrameRing ring = new FrameRing();
    private final Verdict[] verdicts = new Verdict[FrameRing.BATCH];
    private final FrameRing.Template syn = new FrameRing.Template(Path.NAT, Tcp.SYN, new long[0]);
    private final IpvsProcessor processor;
    private long random = 1;
    private long nowNanos;

    NewTraffic(SchedulerKind scheduler) {
        Arrays.fill(verdicts, Verdict.Accepted.LOCAL);
        processor = Director.processor(scheduler, 4 * STANDING);
        for (int i = 0; i < 2 * STANDING / FrameRing.BATCH; i++) {
            fill();
            forward();
            expire();
        }
    }

    /** Fills a batch. */
    void fill() {
        for (int i = 0; i < FrameRing.BATCH; i++) {
            random ^= random << 13;
            random ^= random >>> 7;
            random ^= random << 17;
            // 11.0.0.0 and above: none of the director's own addresses
            ring.fill(i, syn, 0x0b000000L + (random >>> 33), (int) (random & 0xffff));
        }
    }

    /** Processes the batch: each packet is looked up in vain, scheduled on one of eight servers, entered, translated and sent. */
    void forward() {
        processor.process(ring.buffers(), FrameRing.BATCH, verdicts, nowNanos, sink);
    }

    /** Ends as many connections as a batch makes. */
    void expire() {
        nowNanos += BATCH_NANOS;
        processor.expire(nowNanos, sink);
    }
}
