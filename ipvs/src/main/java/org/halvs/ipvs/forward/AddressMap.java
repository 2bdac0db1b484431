package org.halvs.ipvs.forward;

import org.halvs.linux.IpAddress;
import org.jspecify.annotations.Nullable;

/**
 * An open-addressing map from addresses, masked to one prefix length, to values. Filled once, then only read; looking up allocates nothing.
 * IPv4 addresses are kept in their IPv6-mapped form, so that both families fit in one map.
 */
final class AddressMap<V> {
    /** The prefix length of a map of whole addresses. */
    static final int HOSTS = 128;

    private static final long MAPPED = 0xffffL << 32;

    private final long highMask;
    private final long lowMask;
    private final long ipv4Mask;
    private final long[] keys;
    private final @Nullable Object[] values;
    private final int slotMask;
    private boolean hasZero;

    /**
     * @param prefixLength bits of a key that count, {@link #HOSTS} for all of either family
     * @param size how many keys will be put at most
     */
    AddressMap(int prefixLength, int size) {
        // Most look-ups of the data path are for addresses that are not here. At an eighth full they nearly always meet
        // an
        // empty slot at once, which the processor can foresee.
        int capacity = Integer.highestOneBit(Math.max(8, size * 8) * 2 - 1);
        keys = new long[capacity * 2];
        values = new Object[capacity];
        slotMask = capacity - 1;
        highMask = prefixLength >= 64 ? -1 : prefixLength == 0 ? 0 : -1L << (64 - prefixLength);
        lowMask = prefixLength >= 128 ? -1 : prefixLength <= 64 ? 0 : -1L << (128 - prefixLength);
        ipv4Mask = prefixLength >= 32 ? -1 : prefixLength == 0 ? 0 : -1L << (32 - prefixLength);
    }

    void put(IpAddress address, V value) {
        long high = address.isIpv4() ? 0 : address.high() & highMask;
        long low = address.isIpv4() ? MAPPED | address.low() & ipv4Mask : address.low() & lowMask;
        hasZero |= (high | low) == 0;
        int slot = slot(high, low);
        keys[slot * 2] = high;
        keys[slot * 2 + 1] = low;
        values[slot] = value;
    }

    /** The value of an address, its family and two words given, or null. */
    @SuppressWarnings("unchecked") // only V values are put
    @Nullable
    V find(boolean ipv4, long high, long low) {
        return (@Nullable V) values[slot(ipv4 ? 0 : high & highMask, ipv4 ? MAPPED | low & ipv4Mask : low & lowMask)];
    }

    /** Whether there is a value for an address. Reads nothing but keys; the key of all zeros, that of an empty slot, is told apart by a flag. */
    boolean contains(boolean ipv4, long high, long low) {
        long keyHigh = ipv4 ? 0 : high & highMask;
        long keyLow = ipv4 ? MAPPED | low & ipv4Mask : low & lowMask;
        if ((keyHigh | keyLow) == 0) {
            return hasZero;
        }
        int slot = firstSlot(keyHigh, keyLow);
        while (true) {
            long foundLow = keys[slot * 2 + 1];
            long foundHigh = keys[slot * 2];
            if (foundLow == keyLow && foundHigh == keyHigh) {
                return true;
            }
            if ((foundHigh | foundLow) == 0 && values[slot] == null) {
                return false;
            }
            slot = slot + 1 & slotMask;
        }
    }

    /** The slot that holds a key, or the empty one where it belongs. */
    private int slot(long high, long low) {
        int slot = firstSlot(high, low);
        while (values[slot] != null && (keys[slot * 2] != high || keys[slot * 2 + 1] != low)) {
            slot = slot + 1 & slotMask;
        }
        return slot;
    }

    private int firstSlot(long high, long low) {
        long mixed = (high * 0x9e3779b97f4a7c15L ^ low) * 0xc2b2ae3d27d4eb4fL;
        return (int) (mixed >>> 32) & slotMask;
    }
}
