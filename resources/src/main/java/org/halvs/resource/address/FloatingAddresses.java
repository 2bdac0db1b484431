package org.halvs.resource.address;

import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.halvs.linux.AddressChange;
import org.halvs.linux.AddressOutcome;
import org.halvs.linux.InterfaceAddress;
import org.halvs.linux.IpAddress;
import org.halvs.linux.Link;
import org.halvs.linux.LinuxException;
import org.halvs.linux.NeighbourSilence;
import org.halvs.linux.Rtnetlink;
import org.halvs.resource.ActionResult;
import org.halvs.resource.address.Announcer.Announcement;

/**
 * Takes floating addresses on this host and gives them up, any number in one batch. Thread-safe: one batch after the
 * other.
 *
 * <p>Every method answers one result for each request, in the order of the requests.
 */
public final class FloatingAddresses {
    private static final System.Logger LOG = System.getLogger(FloatingAddresses.class.getName());

    private final ReentrantLock lock = new ReentrantLock();
    private final Rtnetlink rtnetlink;
    private final Announcer announcer;
    private final AddressJournal journal;
    private final Predicate<String> forwardsIpv6;
    private final Optional<NeighbourSilence> silence;

    // Guarded by the lock: what is held, and where; and what is handed over, still here but not told of any more.
    private final Map<IpAddress, AddressDrift.Placed> held = new LinkedHashMap<>();
    private final Set<IpAddress> fading = new LinkedHashSet<>();
    private final RepairPace pace = new RepairPace();
    private Consumer<Collection<IpAddress>> listener = _ -> {};

    /**
     * An address that was gone.
     *
     * @param error why it could not be put back; empty when it could
     */
    public record Repair(FloatingAddress address, Optional<String> error) {}

    /**
     * The addresses of the host behind {@code rtnetlink}.
     *
     * @param forwardsIpv6 whether the host forwards IPv6 on an interface of this name ({@link Forwarding#ipv6})
     * @param silence by which addresses fade; without it they go at once
     */
    public FloatingAddresses(
            Rtnetlink rtnetlink,
            Announcer announcer,
            AddressJournal journal,
            Predicate<String> forwardsIpv6,
            Optional<NeighbourSilence> silence) {
        this.rtnetlink = rtnetlink;
        this.announcer = announcer;
        this.journal = journal;
        this.forwardsIpv6 = forwardsIpv6;
        this.silence = silence;
    }

    /**
     * Takes addresses: each is on its interface when this returns, on no other Ethernet interface of the host, and
     * being announced. One that was there already is announced too.
     */
    public List<ActionResult> start(List<AddressRequest> requests) {
        lock.lock();
        try {
            HostNetwork network = HostNetwork.read(rtnetlink);
            List<AddressPlan.Step> steps = AddressPlan.take(requests, network);
            List<AddressPlan.Step.Take> takes = new ArrayList<>();
            for (AddressPlan.Step step : steps) {
                if (step instanceof AddressPlan.Step.Take take) {
                    takes.add(take);
                }
            }
            write(() -> journal.note(
                    takes.stream().map(FloatingAddresses::journalEntry).toList()));
            takes.stream()
                    .map(AddressPlan.Step.Take::link)
                    .filter(link -> !link.up())
                    .distinct()
                    .forEach(this::setUp);
            Map<AddressChange, AddressOutcome> outcomes = apply(changes(takes), network);

            speakOf(takes.stream().map(take -> take.address().address()).toList());
            List<ActionResult> results = new ArrayList<>(requests.size());
            List<Announcement> announcements = new ArrayList<>();
            for (AddressPlan.Step step : steps) {
                results.add(
                        switch (step) {
                            case AddressPlan.Step.Take take -> taken(take, outcomes, announcements);
                            case AddressPlan.Step.Impossible impossible ->
                                new ActionResult.Failed(1, impossible.message());
                        });
            }
            announcer.announce(announcements);
            tellListener();
            return results;
        } catch (RuntimeException e) {
            return failed(requests, "taking", e);
        } finally {
            lock.unlock();
        }
    }

    private static AddressJournal.Entry journalEntry(AddressPlan.Step.Take take) {
        return new AddressJournal.Entry(
                take.address(),
                take.loopbackCopy().isPresent(),
                take.loopbackCopy().flatMap(InterfaceAddress::label));
    }

    /**
     * First all additions, so that the host answers for each address as early as it can, then the removals of what is
     * superfluous.
     */
    private static List<AddressChange> changes(List<AddressPlan.Step.Take> takes) {
        List<AddressChange> changes = new ArrayList<>();
        takes.forEach(take -> changes.addAll(take.before()));
        takes.forEach(take -> changes.add(take.add()));
        takes.forEach(take -> changes.addAll(take.after()));
        return changes;
    }

    /**
     * A journal that can't be written must not keep an address from moving; what is lost is only the cleaning up after
     * a crash.
     */
    private static void write(Runnable change) {
        try {
            change.run();
        } catch (UncheckedIOException e) {
            LOG.log(
                    Level.ERROR,
                    "The journal of addresses can''t be written; they would stay here if this daemon were killed: {0}",
                    e.getMessage());
        }
    }

    private void setUp(Link link) {
        try {
            rtnetlink.setLinkUp(link.index());
        } catch (LinuxException e) {
            LOG.log(Level.WARNING, "Interface {0} is down and cannot be set up: {1}", link.name(), e.getMessage());
        }
    }

    private ActionResult taken(
            AddressPlan.Step.Take take, Map<AddressChange, AddressOutcome> outcomes, List<Announcement> announcements) {
        for (AddressChange removal : take.after()) {
            if (outcomes.get(removal) instanceof AddressOutcome.Rejected rejected) {
                LOG.log(
                        Level.WARNING,
                        "A second copy of {0} stays: {1}",
                        take.address(),
                        rejected.error().getMessage());
            }
        }
        if (outcomes.get(take.add()) instanceof AddressOutcome.Rejected rejected) {
            write(() -> journal.forget(List.of(take.address().address())));
            return new ActionResult.Failed(1, rejected.error().getMessage());
        }
        held.put(take.address().address(), new AddressDrift.Placed(take.address(), Optional.of(take.link())));
        announcement(take.address(), take.link()).ifPresent(announcements::add);
        return ActionResult.done();
    }

    /** Nothing to announce where there is no Ethernet. */
    private Optional<Announcement> announcement(FloatingAddress address, Link link) {
        if (link.hardwareType() != Link.ETHERNET) {
            return Optional.empty();
        }
        boolean router = !address.address().isIpv4() && forwardsIpv6.test(link.name());
        return link.mac().map(mac -> new Announcement(link.index(), mac, address.address(), router));
    }

    /**
     * Gives addresses up to another host that is about to take them: from now on this one neither announces them nor
     * answers for them, but it has them until {@link #stop}, so that what is still sent to it is not lost.
     */
    public List<ActionResult> fade(List<AddressRequest> requests) {
        lock.lock();
        try {
            List<IpAddress> addresses =
                    requests.stream().map(AddressRequest::address).toList();
            if (silence.isEmpty() || !hush(addresses)) {
                return stop(requests);
            }
            announcer.cancel(addresses);
            addresses.forEach(held::remove);
            addresses.forEach(pace::forget);
            tellListener();
            return Collections.nCopies(requests.size(), ActionResult.done());
        } catch (RuntimeException e) {
            return failed(requests, "handing over", e);
        } finally {
            lock.unlock();
        }
    }

    /** Answers whether the host is silent about these addresses too now. */
    private boolean hush(Collection<IpAddress> addresses) {
        fading.addAll(addresses);
        if (keepSilence()) {
            return true;
        }
        speakOf(addresses);
        return false;
    }

    /** What is here for good, or not at all, is told of again. */
    private void speakOf(Collection<IpAddress> addresses) {
        if (fading.removeAll(addresses)) {
            boolean _ = keepSilence();
        }
    }

    private boolean keepSilence() {
        try {
            silence.ifPresent(kept -> kept.about(fading));
            return true;
        } catch (LinuxException e) {
            LOG.log(Level.WARNING, "Addresses can''t be handed over without a gap: {0}", e.getMessage());
            return false;
        }
    }

    /**
     * Gives addresses up: when this returns, the host has none of them, announces none, and has again what it had on
     * its loopback.
     */
    public List<ActionResult> stop(List<AddressRequest> requests) {
        lock.lock();
        try {
            List<IpAddress> addresses =
                    requests.stream().map(AddressRequest::address).toList();
            announcer.cancel(addresses);
            HostNetwork network = HostNetwork.read(rtnetlink);
            List<List<AddressChange>> removals = new ArrayList<>();
            List<AddressChange> changes = new ArrayList<>();
            for (AddressRequest request : requests) {
                removals.add(AddressPlan.give(request.address(), device(request, network), network));
                changes.addAll(removals.getLast());
            }
            for (AddressRequest request : requests) {
                loopbackCopy(request.address(), network).ifPresent(changes::add);
            }
            Map<AddressChange, AddressOutcome> outcomes = apply(changes, network);

            List<ActionResult> results = new ArrayList<>(requests.size());
            List<IpAddress> gone = new ArrayList<>();
            for (int i = 0; i < requests.size(); i++) {
                ActionResult result = given(removals.get(i), outcomes);
                results.add(result);
                if (result instanceof ActionResult.Done) {
                    gone.add(addresses.get(i));
                }
            }
            gone.forEach(held::remove);
            gone.forEach(pace::forget);
            speakOf(gone);
            tellListener();
            write(() -> journal.forget(gone));
            return results;
        } catch (RuntimeException e) {
            return failed(requests, "giving up", e);
        } finally {
            lock.unlock();
        }
    }

    /** Where the address was put by this daemon or an earlier one, or else where it would be put. */
    private Optional<String> device(AddressRequest request, HostNetwork network) {
        return journal.entry(request.address())
                .map(entry -> entry.address().device())
                .or(request::device)
                .or(() -> new AddressResolution(network).resolve(request)
                                instanceof AddressResolution.Resolved.Address(FloatingAddress address)
                        ? Optional.of(address.device())
                        : Optional.empty());
    }

    private Optional<AddressChange> loopbackCopy(IpAddress address, HostNetwork network) {
        return journal.entry(address).flatMap(entry -> LoopbackCopy.restore(entry, network));
    }

    private static ActionResult given(List<AddressChange> removals, Map<AddressChange, AddressOutcome> outcomes) {
        for (AddressChange removal : removals) {
            if (outcomes.get(removal) instanceof AddressOutcome.Rejected rejected) {
                return new ActionResult.Failed(1, rejected.error().getMessage());
            }
        }
        return ActionResult.done();
    }

    private Map<AddressChange, AddressOutcome> apply(List<AddressChange> changes, HostNetwork before) {
        Map<AddressChange, AddressOutcome> outcomes = new LinkedHashMap<>();
        AddressChanges.apply(rtnetlink, changes, before).forEach(outcome -> outcomes.put(outcome.change(), outcome));
        return outcomes;
    }

    /** Whether each address is in its place: {@link ActionResult.Done}, or {@link ActionResult.NotRunning}. */
    public List<ActionResult> status(List<AddressRequest> requests) {
        try {
            HostNetwork network = HostNetwork.read(rtnetlink);
            AddressResolution resolution = new AddressResolution(network);
            List<ActionResult> results = new ArrayList<>(requests.size());
            for (AddressRequest request : requests) {
                results.add(
                        switch (resolution.resolve(request)) {
                            case AddressResolution.Resolved.Address(FloatingAddress address) ->
                                status(address, network);
                            case AddressResolution.Resolved.Unresolved _ -> new ActionResult.NotRunning();
                        });
            }
            return results;
        } catch (RuntimeException e) {
            return failed(requests, "looking for", e);
        }
    }

    private static ActionResult status(FloatingAddress address, HostNetwork network) {
        boolean there = network.copiesOf(address.address()).stream()
                .anyMatch(copy -> copy.prefixLength() == address.prefixLength()
                        && !copy.has(InterfaceAddress.DUPLICATE)
                        && network.link(copy.linkIndex())
                                .filter(link -> link.name().equals(address.device()))
                                .isPresent());
        return there ? ActionResult.done() : new ActionResult.NotRunning();
    }

    /**
     * Announces every held address again, with the MAC its interface has now: after a failover of a bond, a healed
     * partition, a pause of this host, or whatever else may have moved a MAC.
     */
    public void announceAgain() {
        lock.lock();
        try {
            announcer.announceAgain(); // what others announce, as it was
            if (held.isEmpty()) {
                return;
            }
            HostNetwork network = HostNetwork.read(rtnetlink);
            List<Announcement> announcements = new ArrayList<>();
            for (AddressDrift.Placed placed : held.values()) {
                network.link(placed.address().device())
                        .flatMap(link -> announcement(placed.address(), link))
                        .ifPresent(announcements::add);
            }
            announcer.announce(announcements);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Something of the network has changed: puts back held addresses that are gone, and announces those and the ones
     * whose way through the network may be another one now.
     *
     * @param notified interfaces of which the kernel said that their neighbours should be told
     * @return the addresses that were gone
     */
    public List<Repair> repair(Set<Integer> notified) {
        lock.lock();
        try {
            if (held.isEmpty()) {
                return List.of();
            }
            HostNetwork network = HostNetwork.read(rtnetlink);
            AddressDrift drift = AddressDrift.of(held.values(), network, notified);
            long now = System.nanoTime();
            List<AddressDrift.Placed> missing = drift.missing().stream()
                    .filter(placed -> pace.allows(placed.address().address(), now))
                    .toList();
            List<Repair> repairs = new ArrayList<>();
            List<Announcement> announcements = new ArrayList<>();
            List<AddressOutcome> outcomes = rtnetlink.apply(missing.stream()
                    .<AddressChange>map(
                            placed -> new AddressChange.Add(placed.address().on(linkIndex(placed, network))))
                    .toList());
            for (int i = 0; i < missing.size(); i++) {
                FloatingAddress address = missing.get(i).address();
                Optional<String> error = outcomes.get(i) instanceof AddressOutcome.Rejected rejected
                        ? Optional.of(String.valueOf(rejected.error().getMessage()))
                        : Optional.empty();
                repairs.add(new Repair(address, error));
                if (error.isEmpty()) {
                    network.link(address.device())
                            .flatMap(link -> announcement(address, link))
                            .ifPresent(announcements::add);
                }
            }
            drift.moved()
                    .forEach(placed -> network.link(placed.address().device())
                            .flatMap(link -> announcement(placed.address(), link))
                            .ifPresent(announcements::add));
            held.replaceAll(
                    (_, placed) -> placed.seenOn(network.link(placed.address().device())));
            announcer.announce(announcements);
            return repairs;
        } finally {
            lock.unlock();
        }
    }

    private static int linkIndex(AddressDrift.Placed placed, HostNetwork network) {
        return network.link(placed.address().device()).orElseThrow().index();
    }

    /** Has {@code heldNow} told the held addresses, now and whenever they change. It must not call back. */
    public void tellOfHeld(Consumer<Collection<IpAddress>> heldNow) {
        lock.lock();
        try {
            listener = heldNow;
            tellListener();
        } finally {
            lock.unlock();
        }
    }

    /** A listener that fails must not keep an address from moving. */
    private void tellListener() {
        try {
            listener.accept(held.keySet());
        } catch (LinuxException e) {
            LOG.log(Level.WARNING, "Conflicts over floating addresses are not noticed: {0}", e.getMessage());
        }
    }

    /** The addresses taken and not given up, in the order in which they were taken. */
    public List<FloatingAddress> held() {
        lock.lock();
        try {
            return held.values().stream().map(AddressDrift.Placed::address).toList();
        } finally {
            lock.unlock();
        }
    }

    private static List<ActionResult> failed(List<AddressRequest> requests, String what, RuntimeException error) {
        LOG.log(Level.ERROR, what + " " + requests.size() + " addresses failed", error);
        List<ActionResult> results = new ArrayList<>(requests.size());
        for (AddressRequest request : requests) {
            results.add(new ActionResult.Failed(1, what + " " + request + ": " + error.getMessage()));
        }
        return results;
    }
}
