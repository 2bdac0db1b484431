package org.halvs.linux;

/** One change of the addresses of a host. */
public sealed interface AddressChange {

    InterfaceAddress address();

    /** Add the address with its prefix, broadcast, label, scope and flags. */
    record Add(InterfaceAddress address) implements AddressChange {}

    /** Remove the address; interface, address and prefix length must match, the rest is not looked at. */
    record Remove(InterfaceAddress address) implements AddressChange {}
}
