/**
 * Floating addresses: what a line of haresources says about one, where it belongs on this host, how it gets there and
 * goes again, and how the network is told where it is now.
 *
 * <p>Decided without I/O: {@link org.halvs.resource.address.AddressRequest} (reading the argument),
 * {@link org.halvs.resource.address.AddressResolution} (device, prefix and broadcast it leaves open),
 * {@link org.halvs.resource.address.AddressPlan} (what to add and remove) and
 * {@link org.halvs.resource.address.AddressDrift} (how the host differs from what it holds) and
 * {@link org.halvs.resource.address.AnnounceSchedule} (when to announce). Watched:
 * {@link org.halvs.resource.address.AddressWatch}, {@link org.halvs.resource.address.LinkWatch} and
 * {@link org.halvs.resource.address.ConflictWatch}. Done:
 * {@link org.halvs.resource.address.FloatingAddresses} by rtnetlink, {@link org.halvs.resource.address.Announcer} by
 * packet sockets in the one thread {@code arp}. {@link org.halvs.resource.address.AddressJournal} remembers across a
 * crash what must be taken off, {@link org.halvs.resource.address.Cleanup} does it.
 *
 * <p>The rules are those of heartbeat's scripts IPaddr, IPaddr2 and IPv6addr and of the OCF agents behind them.
 */
@NullMarked
package org.halvs.resource.address;

import org.jspecify.annotations.NullMarked;
