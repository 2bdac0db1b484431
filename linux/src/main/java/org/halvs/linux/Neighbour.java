package org.halvs.linux;

import java.util.Optional;

/**
 * An entry of the kernel's ARP or IPv6 neighbour table.
 *
 * @param mac empty while the kernel does not know it
 */
public record Neighbour(int linkIndex, IpAddress address, Optional<MacAddress> mac, State state) {

    /** {@code NUD_} states, {@code rtnetlink(7)}. */
    public enum State {
        NONE(0),
        INCOMPLETE(0x01),
        REACHABLE(0x02),
        STALE(0x04),
        DELAY(0x08),
        PROBE(0x10),
        FAILED(0x20),
        NO_ARP(0x40),
        PERMANENT(0x80);

        private final int bit;

        State(int bit) {
            this.bit = bit;
        }

        int bit() {
            return bit;
        }

        static State of(int bit) {
            for (State state : values()) {
                if (state.bit == bit) {
                    return state;
                }
            }
            return NONE;
        }
    }

    /** Whether a frame may be sent to {@link #mac} ({@code NUD_VALID}): known, though perhaps not confirmed lately. */
    public boolean usable() {
        return mac.isPresent()
                && switch (state) {
                    case REACHABLE, STALE, DELAY, PROBE, NO_ARP, PERMANENT -> true;
                    case NONE, INCOMPLETE, FAILED -> false;
                };
    }
}
