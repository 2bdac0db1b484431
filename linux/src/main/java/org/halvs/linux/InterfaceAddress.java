package org.halvs.linux;

import java.util.Optional;

/**
 * An address of a network interface.
 *
 * @param linkIndex the interface
 * @param prefixLength 0 to the length of an address of the family, in bits
 * @param broadcast IPv4 only; empty when none is set, which is also what the kernel does with an address added without
 *     one
 * @param label IPv4 only: the alias name {@code ifconfig} shows, at most 15 characters; the kernel's own default is the
 *     interface's name
 * @param scope how far the address is valid
 * @param flags {@code IFA_F_} bits of {@code linux/if_addr.h}; the constants here name those that matter
 */
public record InterfaceAddress(
        int linkIndex,
        IpAddress address,
        int prefixLength,
        Optional<IpAddress> broadcast,
        Optional<String> label,
        Scope scope,
        int flags) {

    /**
     * IPv4: not the first address of its prefix on the interface. It goes when the first one goes, unless
     * {@code promote_secondaries} is set.
     */
    public static final int SECONDARY = 0x01;

    /** IPv6: do not ask the network whether somebody else has the address. The address can be used at once. */
    public static final int NO_DUPLICATE_DETECTION = 0x02;

    /** IPv6: somebody else has the address; it is not in use here. */
    public static final int DUPLICATE = 0x08;

    /** Not to be chosen as a source address. */
    public static final int DEPRECATED = 0x20;

    /** IPv6: duplicate detection has not ended; the address is not in use yet. */
    public static final int TENTATIVE = 0x40;

    public static final int PERMANENT = 0x80;

    /** Without a route for the prefix. */
    public static final int NO_PREFIX_ROUTE = 0x200;

    /** How far an address or a route is valid, {@code rtnetlink(7)}. */
    public enum Scope {
        GLOBAL(0),
        SITE(200),
        LINK(253),
        HOST(254),
        NOWHERE(255);

        private final int number;

        Scope(int number) {
            this.number = number;
        }

        int number() {
            return number;
        }

        /** The scope of a kernel number; numbers between the named ones count as {@link #SITE}. */
        static Scope of(int number) {
            return switch (number) {
                case 0 -> GLOBAL;
                case 253 -> LINK;
                case 254 -> HOST;
                case 255 -> NOWHERE;
                default -> SITE;
            };
        }
    }

    public InterfaceAddress {
        if (prefixLength < 0 || prefixLength > address.family().bits()) {
            throw new IllegalArgumentException("prefix length " + prefixLength + " for " + address);
        }
    }

    /** A global address with nothing special about it: no broadcast, no label, IPv6 with duplicate detection. */
    public static InterfaceAddress of(int linkIndex, IpAddress address, int prefixLength) {
        return new InterfaceAddress(
                linkIndex, address, prefixLength, Optional.empty(), Optional.empty(), Scope.GLOBAL, 0);
    }

    public InterfaceAddress withBroadcast(IpAddress value) {
        return new InterfaceAddress(linkIndex, address, prefixLength, Optional.of(value), label, scope, flags);
    }

    public InterfaceAddress withLabel(String value) {
        return new InterfaceAddress(linkIndex, address, prefixLength, broadcast, Optional.of(value), scope, flags);
    }

    public InterfaceAddress withScope(Scope value) {
        return new InterfaceAddress(linkIndex, address, prefixLength, broadcast, label, value, flags);
    }

    /** The same with {@code flag}, one of the constants of this type, set as well. */
    public InterfaceAddress withFlag(int flag) {
        return new InterfaceAddress(linkIndex, address, prefixLength, broadcast, label, scope, flags | flag);
    }

    public boolean has(int flag) {
        return (flags & flag) != 0;
    }

    /** {@code 192.0.2.1/24}. */
    public String text() {
        return address + "/" + prefixLength;
    }
}
