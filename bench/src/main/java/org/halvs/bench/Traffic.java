package org.halvs.bench;

import java.util.Arrays;
import org.halvs.ipvs.ForwardingMethod;
import org.halvs.ipvs.Protocol;
import org.halvs.ipvs.SchedulerKind;
import org.halvs.ipvs.forward.IpvsProcessor;
import org.halvs.ipvs.forward.Verdict;
import org.halvs.ipvs.packet.Tcp;
import org.halvs.ipvs.packet.Wire;

/** A director with established connections of one path, and packets of random ones of them. */
final class Traffic {
    /** Time that passes with each batch: what 32 packets of 100 ns take. */
    private static final long BATCH_NANOS = 3200;
    /** Ten times a second time passes for the table, as in the forwarding loop. */
    private static final int EXPIRE_EVERY = 30_000;

    final IpvsProcessor processor;
    final FrameRing ring = new FrameRing();
    final LastFrame sink = new LastFrame();
    private final Verdict[] verdicts = new Verdict[FrameRing.BATCH];
    private final int flows;
    private final FrameRing.Template template;
    private long random = 0x9e3779b97f4a7c15L;
    private long nowNanos;
    private int batches;

    Traffic(Path path, int flows) {
        this.flows = flows;
        Arrays.fill(verdicts, Verdict.Accepted.LOCAL);
        processor = Director.processor(SchedulerKind.RR, Math.max(1 << 16, flows + flows / 4));
        long[] servers = open(path);
        template = new FrameRing.Template(path, Tcp.ACK | Tcp.PSH, servers);
        fill();
        forward();
        if (sink.elsewhere > 0 || connections() != flows) {
            throw new IllegalStateException(path + ": " + processor.stats());
        }
    }

    /** All connections of all servers; the listing stops at 100,000. */
    private int connections() {
        return processor.stats().services().stream()
                .flatMap(service -> service.servers().stream())
                .mapToInt(server -> server.active() + server.inactive())
                .sum();
    }

    /** Makes every connection: request, answer, request. Answers the servers in the order in which they were taken. */
    private long[] open(Path path) {
        Path in = switch (path) {
            case NAT_REPLY -> Path.NAT;
            case NAT_REPLY_IPV6 -> Path.NAT_IPV6;
            default -> path;
        };
        long[] servers = new long[Director.SERVERS];
        FrameRing.Template syn = new FrameRing.Template(in, Tcp.SYN, servers);
        for (int flow = 0; flow < flows; flow++) {
            send(syn, flow);
            if (flow < servers.length && path.method == ForwardingMethod.MASQUERADE) {
                servers[flow] =
                        path.ipv4 ? Wire.u32(sink.segment, sink.offset + 30) : Wire.i64(sink.segment, sink.offset + 46);
            }
        }
        if (path.protocol == Protocol.TCP) {
            if (in == Path.NAT || in == Path.NAT_IPV6) {
                Path out = in == Path.NAT ? Path.NAT_REPLY : Path.NAT_REPLY_IPV6;
                FrameRing.Template answer = new FrameRing.Template(out, Tcp.SYN | Tcp.ACK, servers);
                for (int flow = 0; flow < flows; flow++) {
                    send(answer, flow);
                }
            }
            FrameRing.Template ack = new FrameRing.Template(in, Tcp.ACK, servers);
            for (int flow = 0; flow < flows; flow++) {
                send(ack, flow);
            }
        }
        return servers;
    }

    private void send(FrameRing.Template packet, int flow) {
        ring.fill(0, packet, flow);
        long before = sink.frames;
        Verdict verdict = processor.process(ring.buffers()[0], nowNanos, sink);
        if (sink.frames != before + 1) {
            throw new IllegalStateException("flow " + flow + ": " + verdict);
        }
    }

    /** Fills a batch with packets of random flows. */
    void fill() {
        for (int i = 0; i < FrameRing.BATCH; i++) {
            random ^= random << 13;
            random ^= random >>> 7;
            random ^= random << 17;
            ring.fill(i, template, (int) ((random >>> 32) * flows >>> 32));
        }
    }

    /** Processes the batch. */
    void forward() {
        nowNanos += BATCH_NANOS;
        processor.process(ring.buffers(), FrameRing.BATCH, verdicts, nowNanos, sink);
        if (++batches % EXPIRE_EVERY == 0) {
            processor.expire(nowNanos, sink);
        }
    }

    /** Processes the batch one packet after the other, without touching memory ahead. */
    void forwardSingly() {
        nowNanos += BATCH_NANOS;
        for (int i = 0; i < FrameRing.BATCH; i++) {
            verdicts[i] = processor.process(ring.buffers()[i], nowNanos, sink);
        }
        if (++batches % EXPIRE_EVERY == 0) {
            processor.expire(nowNanos, sink);
        }
    }
}
