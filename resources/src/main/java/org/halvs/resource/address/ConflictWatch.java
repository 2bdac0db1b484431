package org.halvs.resource.address;

import java.lang.System.Logger.Level;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.halvs.linux.AddressClaimMonitor;
import org.halvs.linux.AddressClaimMonitor.Claim;
import org.halvs.linux.IpAddress;
import org.halvs.linux.Link;
import org.halvs.linux.LinuxException;
import org.halvs.linux.MacAddress;
import org.halvs.linux.Rtnetlink;

/**
 * Notices that somebody else on the network says that it has a held address: reports the other MAC, and defends the
 * address by announcing it, at most every 10 seconds (RFC 5227 section 2.4). Hears as well where the addresses of other
 * nodes are, for {@link FormerOwners}. One thread, {@code claim-watch}, which
 * sleeps while nobody does.
 */
public final class ConflictWatch implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(ConflictWatch.class.getName());

    private final AddressClaimMonitor monitor;
    private final Rtnetlink rtnetlink;
    private final Announcer announcer;
    private final Listener listener;
    private final Optional<FormerOwners> formerOwners;
    private volatile Set<IpAddress> held = Set.of();
    private volatile Set<IpAddress> elsewhere = Set.of();
    private final ConflictPace pace = new ConflictPace();
    private final Thread thread;

    /** Gets to know of conflicts, of each at most once a minute; called on the thread of the watch. */
    @FunctionalInterface
    public interface Listener {
        void conflict(IpAddress address, String device, MacAddress other);
    }

    /**
     * Begins to watch the addresses {@code addresses} holds, now and later. Monitor and rtnetlink are closed with the
     * watch.
     *
     * @param formerOwners is told who says that it has the addresses it asks about, while they are not held
     */
    public ConflictWatch(
            AddressClaimMonitor monitor,
            Rtnetlink rtnetlink,
            FloatingAddresses addresses,
            Announcer announcer,
            Listener listener,
            Optional<FormerOwners> formerOwners) {
        this.monitor = monitor;
        this.rtnetlink = rtnetlink;
        this.announcer = announcer;
        this.listener = listener;
        this.formerOwners = formerOwners;
        addresses.tellOfHeld(this::listenForHeld);
        formerOwners.ifPresent(owners -> owners.tellOfElsewhere(this::listenForElsewhere));
        thread = Thread.ofPlatform().name("claim-watch").daemon(true).start(this::run);
    }

    private synchronized void listenForHeld(Collection<IpAddress> addresses) {
        held = Set.copyOf(addresses);
        listen();
    }

    private synchronized void listenForElsewhere(Collection<IpAddress> addresses) {
        elsewhere = Set.copyOf(addresses);
        listen();
    }

    private void listen() {
        Set<IpAddress> all = new LinkedHashSet<>(held);
        all.addAll(elsewhere);
        monitor.listenFor(all);
    }

    private void run() {
        for (Optional<Claim> claim = monitor.next(); claim.isPresent(); claim = monitor.next()) {
            try {
                if (held.contains(claim.get().address())) {
                    claimed(claim.get());
                } else {
                    Claim others = claim.get();
                    formerOwners.ifPresent(owners -> owners.heard(others));
                }
            } catch (LinuxException e) {
                LOG.log(
                        Level.WARNING,
                        "Looking into a claim to {0} failed: {1}",
                        claim.get().address(),
                        e.getMessage());
            }
        }
    }

    private void claimed(Claim claim) {
        List<Link> links = rtnetlink.links();
        boolean ourself = links.stream().anyMatch(link -> link.mac().equals(Optional.of(claim.mac())));
        if (ourself) {
            return; // heard by another port of the same switch
        }
        long now = System.nanoTime();
        if (pace.reports(claim.address(), claim.mac(), now)) {
            String device = links.stream()
                    .filter(link -> link.index() == claim.linkIndex())
                    .map(Link::name)
                    .findFirst()
                    .orElse("an interface that is gone");
            listener.conflict(claim.address(), device, claim.mac());
        }
        if (pace.defends(claim.address(), now)) {
            announcer.announceOnce(List.of(claim.address()));
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
