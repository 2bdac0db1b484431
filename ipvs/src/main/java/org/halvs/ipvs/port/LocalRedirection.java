package org.halvs.ipvs.port;

import java.lang.System.Logger.Level;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.halvs.ipvs.ForwardingTable;
import org.halvs.ipvs.forward.NetworkView;
import org.halvs.ipvs.forward.RedirectedServer;
import org.halvs.linux.LinuxException;
import org.halvs.linux.StackRedirect;

/** Has the local stack translate for the real servers that are sockets of this machine. Confined to the worker's thread, but for {@link #troubles}. */
final class LocalRedirection {
    private static final System.Logger LOGGER = System.getLogger(LocalRedirection.class.getName());
    private static final long RETRY_NANOS = 1_000_000_000L;

    private final Optional<StackRedirect> redirect;
    private final LocalDelivery delivery;
    private LocalServers wanted = LocalServers.NONE;
    private LocalServers actual = LocalServers.NONE;
    private boolean behind;
    private long triedNanos;
    private volatile List<String> troubles = List.of();

    /**
     * @param redirect empty where the kernel has none
     * @param delivery the device of the connections
     */
    LocalRedirection(Optional<StackRedirect> redirect, LocalDelivery delivery) {
        this.redirect = redirect;
        this.delivery = delivery;
    }

    /** Follows another table or network. Answers for which servers the stack translates. */
    Set<RedirectedServer> follow(ForwardingTable table, NetworkView view, long nowNanos) {
        LocalServers next = LocalServers.of(table, view::isLocal);
        if (!next.equals(wanted)) {
            wanted = next;
            apply(nowNanos);
        }
        return actual.redirectedSet();
    }

    /** Whether something failed that will be tried again. */
    boolean isBehind() {
        return behind;
    }

    /** Whether what failed is to be tried again now. */
    boolean isDue(long nowNanos) {
        return behind && nowNanos - triedNanos >= RETRY_NANOS;
    }

    /** Tries again. Answers for which servers the stack translates. */
    Set<RedirectedServer> retry(long nowNanos) {
        apply(nowNanos);
        return actual.redirectedSet();
    }

    private void apply(long nowNanos) {
        LocalServers before = actual;
        triedNanos = nowNanos;
        behind = false;
        if (redirect.isEmpty()) {
            actual = wanted.withoutAny("this kernel has no nf_tables");
        } else {
            try {
                actual = wanted.without(redirect.get().redirect(wanted.rules()));
            } catch (LinuxException e) {
                behind = true;
                actual = wanted.withoutAny("tried again every second: " + e.getMessage());
            }
        }
        delivery.acceptLoopback(actual.anyLoopback());
        troubles =
                actual.unserved().stream().map(LocalServers.Unserved::toString).toList();
        tell(before);
    }

    private void tell(LocalServers before) {
        actual.unserved().stream()
                .filter(one -> !before.unserved().contains(one))
                .forEach(one -> LOGGER.log(Level.WARNING, "{0}", one));
        actual.redirected().stream()
                .filter(one -> !before.redirected().contains(one))
                .forEach(one -> LOGGER.log(
                        Level.INFO,
                        "the real server {0} is on this machine: the kernel translates its answers, and they are not counted",
                        one));
    }

    /** What is not served and why, a line each. May be read by any thread. */
    List<String> troubles() {
        return troubles;
    }

    /** Leaves nothing in the kernel. */
    void close() {
        try {
            redirect.ifPresent(StackRedirect::remove);
        } catch (LinuxException e) {
            LOGGER.log(Level.ERROR, "the table halvs_local could not be removed: {0}", e.getMessage());
        }
        redirect.ifPresent(StackRedirect::close);
    }
}
