package org.halvs.ipvs.replay;

import org.halvs.ipvs.capture.FrameBytes;
import org.halvs.ipvs.forward.DropReason;
import org.halvs.linux.IpAddress;

/** One thing a frame led to. */
public sealed interface Answer {

    /** A frame that left the director. */
    record Sent(String interfaceName, FrameBytes bytes) implements Answer {
        @Override
        public String toString() {
            return interfaceName + " " + bytes;
        }
    }

    /** The frame went to the director's own stack. */
    record Local() implements Answer {
        @Override
        public String toString() {
            return "local";
        }
    }

    /** The frame went nowhere. */
    record Dropped(DropReason reason) implements Answer {
        @Override
        public String toString() {
            return "drop " + reason.word();
        }
    }

    /** The frame could not leave because the Ethernet address of its next hop is not known. */
    record Unresolved(String interfaceName, IpAddress nextHop) implements Answer {
        @Override
        public String toString() {
            return "drop no_neighbour " + interfaceName + " " + nextHop;
        }
    }
}
