package org.halvs.bench;

import java.lang.foreign.MemorySegment;
import org.halvs.ipvs.forward.FrameSink;
import org.halvs.ipvs.forward.Offload;
import org.halvs.linux.IpAddress;

/** Counts frames and remembers where the last one lay. Reads of each as much as a driver would: its length and place. */
final class LastFrame implements FrameSink {
    long frames;
    long bytes;
    long elsewhere;
    MemorySegment segment = MemorySegment.NULL;
    long offset;

    @Override
    public void transmit(int interfaceIndex, MemorySegment memory, long at, int length, Offload offload) {
        frames++;
        bytes += length;
        segment = memory;
        offset = at;
    }

    @Override
    public void deliverLocally(int interfaceIndex, MemorySegment memory, long at, int length, Offload offload) {
        elsewhere++;
    }

    @Override
    public void unresolved(
            int interfaceIndex, IpAddress nextHop, MemorySegment memory, long at, int length, Offload offload) {
        elsewhere++;
    }
}
