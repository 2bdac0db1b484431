package org.halvs.linux;

import java.util.Optional;
import java.util.OptionalInt;

/**
 * A network interface as the kernel describes it.
 *
 * @param index the kernel's number of it in its namespace, from 1
 * @param mac empty when the device has no Ethernet address; all zero for the loopback
 * @param mtuBytes the largest packet it takes, link-layer header not counted
 * @param up whether it is administratively up
 * @param carrier whether the lower layer is up ({@code IFF_LOWER_UP}): the cable is in, the peer of a veth is up
 * @param masterIndex the bridge or bond it is a port of
 * @param parentIndex the device below it: of a VLAN the trunk, of a veth its peer (in whichever namespace that is)
 * @param kind the driver's word for a virtual device ({@code veth}, {@code bridge}, {@code vlan}); empty for a card
 * @param hardwareType the {@code ARPHRD_} number: 1 Ethernet, 772 loopback
 */
public record Link(
        int index,
        String name,
        Optional<MacAddress> mac,
        int mtuBytes,
        boolean up,
        boolean carrier,
        boolean loopback,
        OptionalInt masterIndex,
        OptionalInt parentIndex,
        Optional<String> kind,
        int hardwareType) {

    /** {@code ARPHRD_ETHER}: frames have Ethernet headers. */
    public static final int ETHERNET = 1;

    /** {@code ARPHRD_LOOPBACK}. */
    public static final int LOOPBACK = 772;
}
