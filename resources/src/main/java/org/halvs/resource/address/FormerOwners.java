package org.halvs.resource.address;

import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.halvs.linux.AddressClaimMonitor.Claim;
import org.halvs.linux.ArpFrame;
import org.halvs.linux.FrameAdoption;
import org.halvs.linux.FrameAdoption.Adopted;
import org.halvs.linux.FrameAdoption.Heard;
import org.halvs.linux.InterfaceAddress;
import org.halvs.linux.IpAddress;
import org.halvs.linux.Link;
import org.halvs.linux.LinkLayerSocket;
import org.halvs.linux.LinuxException;
import org.halvs.linux.MacAddress;
import org.halvs.linux.NeighbourProbe;
import org.halvs.linux.ReverseArpFrame;
import org.halvs.linux.Rtnetlink;
import org.halvs.resource.ResourceGroup;
import org.halvs.resource.address.Adoptions.FormerMac;

/**
 * Serves clients that did not hear where an address is now. A neighbour that missed the announcement, because a port of a switch was still blocked, or that
 * ignores gratuitous ARP, goes on sending to the MAC of the node that had the address. When that node is dead, the packets are lost until the neighbour asks
 * again, which takes it half a minute, or hours. So for a while this host takes them too: it shows the bridges by a reverse ARP frame that the MAC is
 * reached here now, receives it, and has the packets for the taken addresses delivered.
 *
 * <p>Nothing is taken from a node that lives after all. Only packets for the floating addresses are delivered here. A bridge believes the frame it saw last,
 * and the next frame the node itself sends (its heartbeats come every few milliseconds) turns the bridges back to it and ends the adoption here. Only nodes of which
 * nothing is heard are replaced so; one whose daemon has ended under a kernel that lives is not ({@code docs/arbitration.md}), as it may send nothing for long.
 *
 * <p>Which MAC that is has to be known before the node dies: it is learned from what the owner announces, and asked for when another node is new in having a
 * group, by a probe (RFC 5227) that no host learns from.
 *
 * <p>Thread-safe; no method waits. One thread, {@code former-owners}, does the work; what fails is said once and harms nothing else.
 */
public final class FormerOwners implements AutoCloseable {
    /**
     * How long frames to the former owner are served: a Linux host uses an entry for up to 45 s without asking (1.5 times {@code base_reachable_time}), and
     * asks 5 s later, up to three times. The answer heals it, since it comes from the MAC of this host.
     */
    public static final Duration LONGEST = Duration.ofSeconds(60);

    private static final System.Logger LOG = System.getLogger(FormerOwners.class.getName());
    private static final int QUESTIONS = 3;
    private static final long ASK_AGAIN_NANOS = 1_000_000_000L;
    private static final int QUESTIONS_AT_ONCE = 16;
    private static final int PAUSE_MILLIS = 2;
    /** What fails at once must not make the thread spin. */
    private static final int FAILURE_PAUSE_MILLIS = 100;
    /** How long what others want of this thread may wait while it listens. */
    private static final int LISTEN_MILLIS = 20;

    private static final int MOST_HEARD_AT_ONCE = 64;
    private static final int MOST_CLIENTS = 1024;

    private final Rtnetlink rtnetlink;
    private final LinkLayerSocket socket;
    private final FrameAdoption frames;
    private final Consumer<Set<MacAddress>> forwarding;
    private final Listener listener;
    private final Duration longest;
    private final NeighbourCache cache = new NeighbourCache();
    private final LinkedBlockingQueue<Runnable> tasks = new LinkedBlockingQueue<>();
    private final Thread thread =
            Thread.ofPlatform().name("former-owners").daemon(true).unstarted(this::run);
    private volatile Consumer<Collection<IpAddress>> elsewhereListener = _ -> {};
    private volatile boolean closed;

    // Everything below is confined to the thread.
    private final Set<IpAddress> elsewhere = new LinkedHashSet<>();
    private final Map<IpAddress, Question> questions = new LinkedHashMap<>();
    private final Map<IpAddress, String> comingFrom = new LinkedHashMap<>();
    private final Adoptions adoptions;
    private final Set<IpAddress> clients = new LinkedHashSet<>();
    private boolean failing;

    private record Question(AddressRequest request, int left, long dueNanos) {}

    /** Gets to know what becomes of frames to former owners; called on the thread of this. */
    public interface Listener {
        /** From now on this host serves packets for {@code addresses} that are sent to {@code mac}, which was {@code node}'s. */
        void adopted(String node, MacAddress mac, List<IpAddress> addresses, Duration longest);

        /** It does not any more. */
        void left(String node, MacAddress mac, String why);

        /** It can't, or not wholly. */
        void failed(String why);
    }

    /**
     * Everything given is closed with this.
     *
     * @param forwarding is told from frames to which MACs of others forwarded services are served as well
     * @param longest {@link #LONGEST}, or as long as the administrator wants it
     */
    public FormerOwners(
            Rtnetlink rtnetlink,
            LinkLayerSocket socket,
            FrameAdoption frames,
            Consumer<Set<MacAddress>> forwarding,
            Listener listener,
            Duration longest) {
        this.rtnetlink = rtnetlink;
        this.socket = socket;
        this.frames = frames;
        this.forwarding = forwarding;
        this.listener = listener;
        this.longest = longest;
        this.adoptions = new Adoptions(longest);
        thread.start();
    }

    // --- what others tell
    // ----------------------------------------------------------------------------------------------

    /** Has {@code wanted} told the addresses whose owner's MAC is of interest, now and whenever they change. */
    public void tellOfElsewhere(Consumer<Collection<IpAddress>> wanted) {
        elsewhereListener = wanted;
        tasks.add(() -> wanted.accept(List.copyOf(elsewhere)));
    }

    /** Another node has a group since now, or this one has just learned of it. */
    public void heldElsewhere(ResourceGroup group) {
        List<AddressRequest> requests = AddressRequest.of(group);
        tasks.add(() -> {
            Set<IpAddress> addresses =
                    requests.stream().map(AddressRequest::address).collect(Collectors.toCollection(LinkedHashSet::new));
            cache.forget(addresses);
            elsewhere.addAll(addresses);
            elsewhereListener.accept(List.copyOf(elsewhere));
            long now = System.nanoTime();
            requests.forEach(request -> questions.put(request.address(), new Question(request, QUESTIONS, now)));
        });
    }

    /** This host is about to take a group that {@code node} had, which does not hand it over. */
    public void comesFrom(String node, ResourceGroup group) {
        List<AddressRequest> requests = AddressRequest.of(group);
        tasks.add(() -> requests.forEach(request -> comingFrom.put(request.address(), node)));
    }

    /** Addresses are on this host now, and announced. */
    public void taken(List<AddressRequest> requests) {
        tasks.add(() -> adopt(requests));
    }

    /** Addresses leave this host. */
    public void givenUp(List<AddressRequest> requests) {
        tasks.add(() -> {
            List<IpAddress> addresses =
                    requests.stream().map(AddressRequest::address).toList();
            comingFrom.keySet().removeAll(addresses);
            ended(adoptions.end(addresses), "the addresses leave this node");
        });
    }

    /** A node is heard again, or can serve again. */
    public void isBack(String node) {
        tasks.add(() -> {
            comingFrom.values().removeIf(node::equals);
            ended(adoptions.endOf(node), node + " is back");
        });
    }

    /** Somebody says that it has an address that is not held here. */
    void heard(Claim claim) {
        if (!cache.mac(claim.linkIndex(), claim.address()).equals(Optional.of(claim.mac()))) {
            tasks.add(() -> {
                if (rtnetlink.links().stream().noneMatch(link -> link.mac().equals(Optional.of(claim.mac())))) {
                    cache.heard(claim.linkIndex(), claim.address(), claim.mac());
                }
            });
        }
    }

    // --- the thread
    // ----------------------------------------------------------------------------------------------------

    private void run() {
        try {
            frames.adopt(List.of()); // a clean slate, and what the first adoption needs is loaded
        } catch (LinuxException e) {
            LOG.log(Level.DEBUG, "frames to former owners: {0}", e.getMessage());
        }
        try {
            while (!closed) {
                try {
                    turn();
                } catch (RuntimeException e) {
                    fail("clients that did not hear where the addresses are now may have to wait: " + e.getMessage());
                    Thread.sleep(FAILURE_PAUSE_MILLIS);
                }
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private void turn() throws InterruptedException {
        Runnable task = adoptions.isEmpty() ? waitForTask() : tasks.poll();
        for (; task != null && !closed; task = tasks.poll()) {
            task.run();
        }
        ask();
        if (adoptions.isEmpty()) {
            return;
        }
        long now = System.nanoTime();
        ended(adoptions.expire(now), "after " + longest.toSeconds() + " s everybody has had time to notice");
        show(now);
        listen();
    }

    private Runnable waitForTask() throws InterruptedException {
        long now = System.nanoTime();
        OptionalLong due =
                questions.values().stream().mapToLong(q -> q.dueNanos() - now).min();
        return due.isEmpty()
                ? tasks.take()
                : tasks.poll(
                        Math.max(TimeUnit.MILLISECONDS.toNanos(PAUSE_MILLIS), due.getAsLong()), TimeUnit.NANOSECONDS);
    }

    // --- who has it
    // ----------------------------------------------------------------------------------------------------

    /** Asks for addresses that are not known yet, a few at a time. */
    private void ask() {
        long now = System.nanoTime();
        List<Question> due = questions.values().stream()
                .filter(question -> question.dueNanos() - now <= 0)
                .limit(QUESTIONS_AT_ONCE)
                .toList();
        if (due.isEmpty()) {
            return;
        }
        due.forEach(question -> questions.remove(question.request().address()));
        HostNetwork network = HostNetwork.read(rtnetlink);
        for (Question question : due) {
            IpAddress address = question.request().address();
            Optional<Link> link = link(question.request(), network);
            if (link.isEmpty()
                    || !network.copiesOf(address).isEmpty()
                    || cache.mac(link.get().index(), address).isPresent()) {
                continue;
            }
            send(link.get(), address);
            if (question.left() > 1) {
                questions.put(address, new Question(question.request(), question.left() - 1, now + ASK_AGAIN_NANOS));
            }
        }
    }

    private void send(Link link, IpAddress address) {
        MacAddress mac = link.mac().orElseThrow();
        try {
            socket.send(
                    link.index(),
                    address.isIpv4() ? ArpFrame.probe(mac, address).bytes() : new NeighbourProbe(mac, address).bytes());
        } catch (LinuxException e) {
            LOG.log(Level.DEBUG, "asking for {0}: {1}", address, e.getMessage());
        }
    }

    private static Optional<Link> link(AddressRequest request, HostNetwork network) {
        return new AddressResolution(network).resolve(request)
                        instanceof AddressResolution.Resolved.Address(FloatingAddress address)
                ? network.link(address.device())
                        .filter(link -> link.hardwareType() == Link.ETHERNET
                                && link.mac().isPresent())
                : Optional.empty();
    }

    // --- in its place
    // --------------------------------------------------------------------------------------------------

    private void adopt(List<AddressRequest> requests) {
        Map<FormerMac, List<Adopted>> found = new LinkedHashMap<>();
        HostNetwork network = null;
        for (AddressRequest request : requests) {
            questions.remove(request.address());
            String node = comingFrom.remove(request.address());
            if (node == null) {
                continue;
            }
            network = network == null ? HostNetwork.read(rtnetlink) : network;
            Set<MacAddress> own = network.links().stream()
                    .flatMap(link -> link.mac().stream())
                    .collect(Collectors.toSet());
            link(request, network)
                    .ifPresent(link -> cache.mac(link.index(), request.address())
                            .filter(mac -> !own.contains(mac))
                            .ifPresent(mac -> found.computeIfAbsent(
                                            new FormerMac(node, link.index(), mac), _ -> new ArrayList<>())
                                    .add(new Adopted(link.index(), link.name(), mac, request.address()))));
        }
        if (found.isEmpty()) {
            return;
        }
        long now = System.nanoTime();
        found.forEach((former, adopted) -> adoptions.begin(former, adopted, now));
        clients.clear();
        apply();
        show(now);
        found.forEach((former, adopted) -> listener.adopted(
                former.node(),
                former.mac(),
                adopted.stream().map(Adopted::address).toList(),
                longest));
    }

    private void ended(List<FormerMac> former, String why) {
        if (!former.isEmpty()) {
            apply();
            former.forEach(each -> listener.left(each.node(), each.mac(), why));
        }
    }

    private void apply() {
        List<Adopted> adopted = adoptions.adopted();
        try {
            frames.adopt(adopted);
            failing = false;
        } catch (LinuxException e) {
            fail("this host's own services are not served to clients that send to the former owner's MAC: "
                    + e.getMessage());
        }
        forwarding.accept(adopted.stream().map(Adopted::mac).collect(Collectors.toCollection(LinkedHashSet::new)));
    }

    private void show(long nowNanos) {
        for (FormerMac former : adoptions.toShow(nowNanos)) {
            try {
                socket.send(former.linkIndex(), new ReverseArpFrame(former.mac()).bytes());
            } catch (LinuxException e) {
                LOG.log(Level.DEBUG, "showing {0}: {1}", former.mac(), e.getMessage());
            }
        }
    }

    private void listen() {
        long wait = adoptions.waitNanos(System.nanoTime()).orElse(0) / 1_000_000 + 1;
        int patience = (int) Math.min(LISTEN_MILLIS, wait);
        for (int i = 0; i < MOST_HEARD_AT_ONCE; i++) {
            Optional<Heard> heard = frames.hear(i == 0 ? patience : 0);
            if (heard.isEmpty()) {
                return;
            }
            switch (heard.get()) {
                case Heard.Sender sender -> learn(sender);
                case Heard.Owner(int linkIndex, MacAddress mac) ->
                    ended(adoptions.endOf(linkIndex, mac), "it is in use there again");
            }
        }
    }

    /**
     * Whoever sends here has said in its frame where it is, and may be as deaf to this host's question as it was to its announcement: without its MAC it gets
     * no answer. What the kernel knows better stays as it is.
     */
    private void learn(Heard.Sender sender) {
        if (clients.size() >= MOST_CLIENTS || !clients.add(sender.address())) {
            return;
        }
        try {
            boolean onLink = rtnetlink.addresses().stream()
                    .filter(own -> own.linkIndex() == sender.linkIndex())
                    .anyMatch(own -> isNeighbour(sender.address(), own));
            boolean known = rtnetlink.neighbours().stream()
                    .anyMatch(neighbour -> neighbour.linkIndex() == sender.linkIndex()
                            && neighbour.address().equals(sender.address())
                            && neighbour.usable());
            if (onLink && !known) {
                rtnetlink.learn(sender.linkIndex(), sender.address(), sender.mac());
            }
        } catch (LinuxException e) {
            LOG.log(Level.DEBUG, "learning {0}: {1}", sender, e.getMessage());
        }
    }

    private static boolean isNeighbour(IpAddress address, InterfaceAddress own) {
        return own.address().family() == address.family()
                && !own.address().equals(address)
                && own.address().inSamePrefix(address, own.prefixLength());
    }

    private void fail(String why) {
        if (!failing) {
            failing = true;
            listener.failed(why);
        }
        LOG.log(Level.DEBUG, why);
    }

    @Override
    public void close() {
        closed = true;
        tasks.add(() -> {});
        boolean interrupted = false;
        while (true) {
            try {
                thread.join();
                break;
            } catch (InterruptedException _) {
                interrupted = true;
            }
        }
        frames.close();
        socket.close();
        rtnetlink.close();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
