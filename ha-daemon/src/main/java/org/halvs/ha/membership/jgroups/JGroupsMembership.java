package org.halvs.ha.membership.jgroups;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.halvs.ha.config.Authkeys;
import org.halvs.ha.config.ClusterConfig;
import org.halvs.ha.membership.ClusterView;
import org.halvs.ha.membership.Departure;
import org.halvs.ha.membership.Membership;
import org.halvs.ha.membership.MembershipException;
import org.halvs.ha.membership.MembershipListener;
import org.halvs.ha.membership.PathState;
import org.halvs.ha.membership.ViewId;
import org.halvs.ha.membership.Wakefulness;
import org.halvs.ha.membership.path.ClusterPaths;
import org.halvs.ha.membership.path.Neighbour;
import org.halvs.ha.membership.path.NodeId;
import org.halvs.ha.membership.path.PathFinding;
import org.halvs.ha.membership.path.Refusal;
import org.halvs.ha.membership.path.Urgency;
import org.jgroups.Address;
import org.jgroups.BytesMessage;
import org.jgroups.Event;
import org.jgroups.JChannel;
import org.jgroups.MergeView;
import org.jgroups.Message;
import org.jgroups.Receiver;
import org.jgroups.View;
import org.jgroups.util.NameCache;
import org.jspecify.annotations.Nullable;

/** A node's seat in a cluster carried by JGroups over all paths of ha.cf. Thread-safe. */
public final class JGroupsMembership implements Membership {
    private static final System.Logger LOG = System.getLogger(JGroupsMembership.class.getName());
    /** Nodes with other files or keys may share the wire; only those of one name talk. */
    private static final String CLUSTER = "halvs";
    /** How often what is unsettled is looked at again. */
    private static final long UNSETTLED_MILLIS = 50;

    static {
        JGroupsLog.install(); // the transport gets its logger when it is made
    }

    private final ClusterConfig config;
    private final Authkeys authkeys;
    private final String localNode;
    private final NodeId self;
    private final Wakefulness wakefulness;
    private final NodeAddresses addresses;
    private final FindingQueue findings;
    private final PathTransport transport = new PathTransport();
    private final HeartbeatDiscovery discovery;
    private final GroupFormation formation;
    private final Map<NodeId, Departure> departures = new ConcurrentHashMap<>();
    private final Object delivery = new Object();
    private @Nullable MembershipListener listener; // guarded by delivery
    private @Nullable JChannel channel;
    private @Nullable ClusterPaths paths;
    private volatile @Nullable View view;
    private volatile boolean leaving;
    private List<Neighbour> heard = List.of(); // confined to the thread of findings

    /**
     * A seat that is not taken yet.
     *
     * @param localNode one of {@code config}'s nodes
     * @param incarnation greater than in every earlier life of this node, see {@link org.halvs.ha.membership.Incarnation}
     * @param wakefulness learns from heartbeats whether this process runs
     */
    public JGroupsMembership(
            ClusterConfig config, Authkeys authkeys, String localNode, long incarnation, Wakefulness wakefulness) {
        this.wakefulness = wakefulness;
        this.config = config;
        this.authkeys = authkeys;
        this.localNode = localNode;
        this.self = NodeId.of(localNode, incarnation);
        this.addresses = new NodeAddresses(config.nodes());
        this.findings = new FindingQueue(this::found, this::settle, Urgency.of(config)::raiseBelow);
        this.discovery = new HeartbeatDiscovery(config.nodes().size() - 1);
        this.formation = new GroupFormation(self);
        if (!config.nodes().contains(localNode)) {
            throw new IllegalArgumentException(localNode + " is none of " + config.nodes());
        }
    }

    /** As the constructor, with the clock for incarnation: right as long as the clock is never set back over a restart. */
    public static JGroupsMembership open(ClusterConfig config, Authkeys authkeys, String localNode) {
        return new JGroupsMembership(config, authkeys, localNode, System.currentTimeMillis(), new Wakefulness());
    }

    /** The number of this life of the node. */
    public long incarnation() {
        return self.incarnation();
    }

    @Override
    public String localNode() {
        return localNode;
    }

    @Override
    public void start(MembershipListener whoListens) {
        JChannel created;
        synchronized (this) {
            if (channel != null) {
                throw new IllegalStateException("started already");
            }
            synchronized (delivery) {
                listener = whoListens;
            }
            try {
                created = JGroupsStack.channel(transport, discovery);
            } catch (Exception e) {
                throw new MembershipException("can't set up JGroups: " + e.getMessage(), e);
            }
            channel = created;
            findings.start();
            ClusterPaths opened =
                    ClusterPaths.open(config, authkeys, localNode, self.incarnation(), wakefulness, findings::add);
            paths = opened;
            transport.use(opened);
        }
        try {
            created.setName(localNode);
            created.addAddressGenerator(() -> NodeAddresses.address(self));
            created.setDiscardOwnMessages(true);
            created.setReceiver(new Inbox());
            created.connect(CLUSTER);
        } catch (Exception e) {
            close();
            throw new MembershipException("can't join the cluster: " + e.getMessage(), e);
        }
    }

    @Override
    public void broadcast(byte[] message) {
        sendTo(null, message);
    }

    @Override
    public void send(String node, byte[] message) {
        View current = view;
        if (current != null) {
            current.getMembers().stream()
                    .filter(a -> addresses.node(a).equals(Optional.of(node)))
                    .max((a, b) -> Long.compare(
                            NodeAddresses.id(a).incarnation(),
                            NodeAddresses.id(b).incarnation()))
                    .ifPresent(address -> sendTo(address, message));
        }
    }

    private void sendTo(@Nullable Address address, byte[] message) {
        if (message.length > MAX_MESSAGE_BYTES) {
            throw new IllegalArgumentException("a message of " + message.length + " bytes");
        }
        JChannel current;
        synchronized (this) {
            current = channel;
        }
        if (current == null || !current.isConnected()) {
            return; // nobody to hear it
        }
        try {
            current.send(new BytesMessage(address, message));
        } catch (Exception e) {
            LOG.log(System.Logger.Level.WARNING, "message of {0} bytes not sent: {1}", message.length, e.getMessage());
        }
    }

    @Override
    public boolean changeAuthkeys(Authkeys changed) {
        Optional<ClusterPaths> open = openPaths();
        open.ifPresent(all -> all.changeAuthkeys(changed));
        return open.isPresent();
    }

    @Override
    public boolean change(ClusterConfig changed) {
        if (!changed.nodes().contains(localNode)) {
            throw new IllegalArgumentException(localNode + " is none of " + changed.nodes());
        }
        Optional<ClusterPaths> open = openPaths();
        open.ifPresent(all -> {
            addresses.add(changed.nodes()); // before anything is heard of them
            all.change(changed);
            addresses.retain(changed.nodes());
            discovery.others(changed.nodes().size() - 1);
        });
        return open.isPresent();
    }

    @Override
    public List<PathState> paths() {
        return openPaths().map(ClusterPaths::states).orElse(List.of());
    }

    /** How many datagrams from the network were refused, for each reason that occurred. */
    public Map<Refusal, Long> refusals() {
        return openPaths().map(ClusterPaths::refusals).orElse(Map.of());
    }

    private synchronized Optional<ClusterPaths> openPaths() {
        return Optional.ofNullable(paths);
    }

    @Override
    public void close() {
        JChannel current;
        Optional<ClusterPaths> open;
        synchronized (this) {
            current = channel;
            open = openPaths();
            leaving = true;
        }
        open.ifPresent(p -> p.standing(Optional.ofNullable(view).map(NodeAddresses::view), true));
        if (current != null) {
            current.close();
        }
        open.ifPresent(ClusterPaths::close);
        findings.close();
    }

    /** Takes what the paths found. By the thread of findings only. */
    private void found(PathFinding finding) {
        switch (finding) {
            case PathFinding.Happened happened -> {
                synchronized (delivery) {
                    if (listener != null) {
                        listener.onPath(happened.event());
                    }
                }
            }
            case PathFinding.Departed departed -> {
                NodeId id = departed.id();
                departures
                        .keySet()
                        .removeIf(former -> former.key() == id.key() && former.incarnation() < id.incarnation());
                departures.merge(
                        id, departed.how(), (said, now) -> said == Departure.LEFT ? said : now); // it went as it said
                suspect(Set.of(id));
            }
            case PathFinding.Heard now -> {
                heard = now.neighbours();
                for (Neighbour neighbour : heard) {
                    if (neighbour.leaving()) {
                        departures.put(neighbour.id(), Departure.LEFT);
                    } else {
                        departures.remove(neighbour.id());
                    }
                }
                discovery.heard(heard);
                findings.settleSoon(settle());
            }
            case PathFinding.Message message -> transport.arrived(message.from(), message.bytes());
        }
    }

    /** Does what heartbeats and the view call for; answers after how many milliseconds to look again, 0 for not before something changes. */
    private long settle() {
        View current = view;
        if (current == null || leaving) {
            return 0;
        }
        GroupFormation.Decision decision = formation.decide(NodeAddresses.view(current), heard, System.nanoTime());
        if (!decision.suspects().isEmpty()) {
            suspect(decision.suspects());
        }
        if (!decision.merge().isEmpty()) {
            Map<Address, View> views = new LinkedHashMap<>();
            views.put(NodeAddresses.address(self), current);
            for (Neighbour other : decision.merge()) {
                views.put(
                        NodeAddresses.address(other.id()),
                        NodeAddresses.view(other.view().orElseThrow()));
            }
            tellJGroups(new Event(Event.MERGE, views));
        }
        return decision.unsettled() ? UNSETTLED_MILLIS : 0;
    }

    private void suspect(Set<NodeId> ids) {
        View current = view;
        if (current != null) {
            List<Address> members = ids.stream()
                    .<Address>map(NodeAddresses::address)
                    .filter(current::containsMember)
                    .toList();
            if (members.isEmpty()) {
                return;
            }
            Event event = new Event(Event.SUSPECT, members);
            if (members.size() == current.size() - 1) {
                discovery.up(event); // with nobody left there is nobody to wait for
            } else {
                tellJGroups(event);
            }
        }
    }

    /** On a thread of JGroups, because it may wait there for answers that come by the thread of findings. */
    private void tellJGroups(Event event) {
        boolean ignored = transport.getThreadPool().execute(() -> discovery.up(event));
    }

    /** Calls the listener, one call at a time whatever thread JGroups comes with. */
    private final class Inbox implements Receiver {
        @Override
        public void viewAccepted(View accepted) {
            synchronized (delivery) {
                View before = view;
                view = accepted;
                Set<String> names = new LinkedHashSet<>();
                for (Address member : accepted.getMembers()) {
                    // an unknown name can't be in a view: its messages are refused; two lives of one node can, for a
                    // moment
                    addresses.node(member).ifPresent(node -> {
                        names.add(node);
                        NameCache.add(member, node);
                    });
                }
                String creator = addresses.node(accepted.getCreator()).orElse("?");
                ViewId id = new ViewId(creator, accepted.getViewId().getId());
                Map<String, Departure> departed = departed(before, names);
                if (listener != null) {
                    listener.onView(new ClusterView(id, List.copyOf(names), accepted instanceof MergeView, departed));
                }
            }
            openPaths().ifPresent(p -> p.standing(Optional.of(NodeAddresses.view(accepted)), leaving));
            findings.settleSoon(1);
        }

        /** How those went that were there before. A node that is there in another life has not departed. */
        private Map<String, Departure> departed(@Nullable View before, Set<String> now) {
            Map<String, Departure> departed = new LinkedHashMap<>();
            if (before != null) {
                for (Address member : before.getMembers()) {
                    Departure how = Optional.ofNullable(departures.get(NodeAddresses.id(member)))
                            .orElse(Departure.SILENT);
                    addresses.node(member).filter(n -> !now.contains(n)).ifPresent(n -> departed.put(n, how));
                }
            }
            return departed;
        }

        @Override
        public void receive(Message message) {
            addresses.node(message.getSrc()).ifPresent(node -> {
                byte[] bytes = Arrays.copyOfRange(
                        message.getArray(), message.getOffset(), message.getOffset() + message.getLength());
                synchronized (delivery) {
                    if (listener != null) {
                        listener.onMessage(node, bytes);
                    }
                }
            });
        }
    }
}
