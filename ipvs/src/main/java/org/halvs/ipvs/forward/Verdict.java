package org.halvs.ipvs.forward;

/** What a processor did with a packet. Both kinds are enums: no packet costs an allocation. */
public sealed interface Verdict permits Verdict.Accepted, DropReason {

    /** The packet goes on. */
    enum Accepted implements Verdict {
        /** The processor took the packet: what becomes of it went to the {@link FrameSink}. */
        FORWARDED,
        /** Not the business of IPVS. The packet is the local stack's, which already has its own copy unless the port withholds it. */
        LOCAL,
        /** A fragment, kept until the others of its datagram are there. */
        HELD
    }
}
