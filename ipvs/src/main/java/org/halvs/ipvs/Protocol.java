package org.halvs.ipvs;

/** The transport protocols a virtual service can have. */
public enum Protocol {
    TCP(6),
    UDP(17),
    SCTP(132);

    private final int number;

    Protocol(int number) {
        this.number = number;
    }

    /** The number in the protocol field of an IP header (IANA). */
    public int number() {
        return number;
    }
}
