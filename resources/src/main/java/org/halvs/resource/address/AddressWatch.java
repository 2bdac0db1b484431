package org.halvs.resource.address;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import org.halvs.linux.LinuxException;
import org.halvs.linux.NetworkChange;
import org.halvs.linux.NetworkMonitor;
import org.halvs.linux.Rtnetlink;
import org.halvs.resource.ResourceGroup;

/**
 * Hears from the kernel of every change of interfaces and addresses: puts back floating addresses that somebody removed,
 * announces those whose way through the network may have changed, and feeds {@link LinkWatch}. One thread,
 * {@code address-watch}, which sleeps while nothing changes.
 */
public final class AddressWatch implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(AddressWatch.class.getName());

    private final NetworkMonitor monitor;
    private final Rtnetlink rtnetlink;
    private final FloatingAddresses addresses;
    private final LinkWatch links;
    private final Listener listener;
    private final Thread thread;

    /** Gets to know of what was mended; called on the thread of the watch. */
    public interface Listener {
        /**
         * A floating address was gone.
         *
         * @param text what happened and what was done about it
         */
        void drift(FloatingAddress address, String text);
    }

    /**
     * Begins to watch. Monitor and rtnetlink are closed with the watch.
     *
     * @param rtnetlink not the one addresses are changed by, so that looking does not hold up a takeover
     * @param monitor of {@link NetworkChange.Kind#LINKS} and {@link NetworkChange.Kind#ADDRESSES} of the same host
     */
    public AddressWatch(
            NetworkMonitor monitor,
            Rtnetlink rtnetlink,
            FloatingAddresses addresses,
            LinkWatch links,
            Listener listener) {
        this.monitor = monitor;
        this.rtnetlink = rtnetlink;
        this.addresses = addresses;
        this.links = links;
        this.listener = listener;
        thread = Thread.ofPlatform().name("address-watch").daemon(true).start(this::run);
    }

    private void run() {
        changed(new NetworkChange(EnumSet.allOf(NetworkChange.Kind.class), true));
        for (Optional<NetworkChange> change = monitor.next(); change.isPresent(); change = monitor.next()) {
            changed(change.get());
        }
    }

    private void changed(NetworkChange change) {
        try {
            boolean ofLinks = change.kinds().contains(NetworkChange.Kind.LINKS);
            if (ofLinks || !links.complete()) {
                links.look(HostNetwork.read(rtnetlink));
            }
            // A takeover adds a thousand addresses; that is no reason to look a thousand times.
            if (ofLinks || !change.removals().isEmpty()) {
                for (FloatingAddresses.Repair repair : addresses.repair(change.moved())) {
                    listener.drift(repair.address(), text(repair, change));
                }
            }
        } catch (LinuxException e) {
            LOG.log(Level.WARNING, "Looking after floating addresses failed: {0}", e.getMessage());
        }
    }

    /** These are the groups from now on; their interfaces are looked at at once. */
    public void groups(List<ResourceGroup> changed) {
        try {
            links.groups(changed);
            links.look(HostNetwork.read(rtnetlink));
        } catch (LinuxException e) {
            LOG.log(Level.WARNING, "Looking at the interfaces of the groups failed: {0}", e.getMessage());
        }
    }

    private static String text(FloatingAddresses.Repair repair, NetworkChange change) {
        String by = change.removals().stream()
                .filter(removal ->
                        removal.address().address().equals(repair.address().address()))
                .findFirst()
                .map(removal -> by(removal.requester()))
                .orElse("");
        return "was removed from this host" + by + "; "
                + repair.error()
                        .map(error -> "it could not be put back: " + error)
                        .orElse("put back and announced");
    }

    private static String by(long requester) {
        if (requester == 0) {
            return "";
        }
        try {
            String program = Files.readString(Path.of("/proc", Long.toString(requester), "comm"))
                    .strip();
            return " by process " + requester + " (" + program + ")";
        } catch (IOException _) {
            return " by process " + requester + ", which has ended";
        }
    }

    @Override
    public void close() {
        monitor.close();
        boolean interrupted = false;
        while (true) {
            try {
                thread.join();
                break;
            } catch (InterruptedException _) {
                interrupted = true;
            }
        }
        rtnetlink.close();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
