/**
 * Connections for another director: which of them are due to be told, how they are written down, and where they wait until they are sent.
 *
 * <p>When a connection is told follows {@code net/netfilter/ipvs/ip_vs_sync.c}; {@link org.halvs.ipvs.sync.KernelSyncFormat} also writes and reads
 * what that file sends. Between two directors of ours a more compact form is used, {@link org.halvs.ipvs.sync.SyncFormat}, which tells more: the
 * time left, the packets seen, the template a connection belongs to.
 */
@NullMarked
package org.halvs.ipvs.sync;

import org.jspecify.annotations.NullMarked;
