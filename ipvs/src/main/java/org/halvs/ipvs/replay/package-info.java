/**
 * What the core would do with packets, without a network: scripts and captures are put through a
 * {@link org.halvs.ipvs.forward.PacketProcessor} in virtual time.
 *
 * <p>Deterministic and without privileges: the same input gives the same output, byte for byte. Nothing here decides about packets; this is
 * the bench on which the core is tried, by administrators ({@code halvs replay}) and by the golden tests. Everything is confined to one thread.
 */
@NullMarked
package org.halvs.ipvs.replay;

import org.jspecify.annotations.NullMarked;
