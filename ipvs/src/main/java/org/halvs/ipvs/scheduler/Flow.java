package org.halvs.ipvs.scheduler;

/** What a scheduler may know of the packet it schedules. Mutable and reused; IPv4 addresses stand in the lower words. */
public final class Flow {
    public boolean ipv4;
    public long sourceHigh;
    public long sourceLow;
    public long destinationHigh;
    public long destinationLow;
    public int sourcePort;
    public long nowNanos;

    /** The source address as the 32-bit word the hashing schedulers use. */
    int sourceWord() {
        return AddressHash.word(ipv4, sourceHigh, sourceLow);
    }

    int destinationWord() {
        return AddressHash.word(ipv4, destinationHigh, destinationLow);
    }
}
