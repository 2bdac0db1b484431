/**
 * What happens to a packet: which connection it belongs to, which real server gets it, how it is rewritten, where it leaves.
 *
 * <p>The centre is {@link org.halvs.ipvs.forward.PacketProcessor}: one received frame in, a {@link org.halvs.ipvs.forward.Verdict} and zero or
 * more frames for a {@link org.halvs.ipvs.forward.FrameSink} out. Nothing here does input or output, reads a clock or starts a thread; time is
 * a parameter and everything random is fixed at construction, so a capture replayed twice gives the same bytes twice.
 */
@NullMarked
package org.halvs.ipvs.forward;

import org.jspecify.annotations.NullMarked;
