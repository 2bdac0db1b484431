/**
 * The memory of the forwarding core: the connection table with its timer wheel, and the state machines of TCP and SCTP. One thread owns a table;
 * nothing here allocates per packet.
 */
@NullMarked
package org.halvs.ipvs.connection;

import org.jspecify.annotations.NullMarked;
