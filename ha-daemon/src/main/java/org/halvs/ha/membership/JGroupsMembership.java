package org.halvs.ha.membership;

import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.halvs.ha.config.Authkeys;
import org.halvs.ha.config.ClusterConfig;
import org.jgroups.Address;
import org.jgroups.BytesMessage;
import org.jgroups.JChannel;
import org.jgroups.MergeView;
import org.jgroups.Message;
import org.jgroups.Receiver;
import org.jgroups.View;
import org.jgroups.util.NameCache;
import org.jspecify.annotations.Nullable;

/** A node's seat in a cluster carried by JGroups over the first usable path of ha.cf. Thread-safe. */
public final class JGroupsMembership implements Membership {
    private static final System.Logger LOG = System.getLogger(JGroupsMembership.class.getName());
    /** Nodes with other files or keys may share the wire; only those of one name talk. */
    private static final String CLUSTER = "halvs";

    private final ClusterConfig config;
    private final Authkeys authkeys;
    private final String localNode;
    private final long incarnation;
    private final NodeAddresses addresses;
    private final RefusalLog refusals = new RefusalLog();
    private final Object delivery = new Object();
    private @Nullable JChannel channel;
    private volatile @Nullable View view;

    /**
     * A seat that is not taken yet.
     *
     * @param localNode one of {@code config}'s nodes
     * @param incarnation greater than in every earlier life of this node, see {@link Incarnation}
     */
    public JGroupsMembership(ClusterConfig config, Authkeys authkeys, String localNode, long incarnation) {
        this.config = config;
        this.authkeys = authkeys;
        this.localNode = localNode;
        this.incarnation = incarnation;
        this.addresses = new NodeAddresses(config.nodes());
        if (!config.nodes().contains(localNode)) {
            throw new IllegalArgumentException(localNode + " is none of " + config.nodes());
        }
    }

    /** As the constructor, with the clock for incarnation: right as long as the clock is never set back over a restart. */
    public static JGroupsMembership open(ClusterConfig config, Authkeys authkeys, String localNode) {
        return new JGroupsMembership(config, authkeys, localNode, System.currentTimeMillis());
    }

    /** The number of this life of the node. */
    public long incarnation() {
        return incarnation;
    }

    @Override
    public String localNode() {
        return localNode;
    }

    @Override
    public synchronized void start(MembershipListener listener) {
        if (channel != null) {
            throw new IllegalStateException("started already");
        }
        JGroupsLog.install();
        ClusterLink link = LinkSelection.choose(config.media());
        LOG.log(
                System.Logger.Level.INFO,
                "cluster path: {0} on {1}, {2} port {3}",
                link.reach(),
                link.interfaceName(),
                link.bind().getHostAddress(),
                String.valueOf(link.port()));
        MessageAuthenticator authenticator = new MessageAuthenticator(new MessageSigner(authkeys), addresses, refusals);
        try {
            JChannel created = JGroupsStack.channel(link, config.timing(), authenticator);
            channel = created;
            created.setName(localNode);
            created.addAddressGenerator(() -> NodeAddresses.address(localNode, incarnation));
            created.setDiscardOwnMessages(true);
            created.setReceiver(new Inbox(listener));
            created.connect(CLUSTER);
        } catch (Exception e) {
            close();
            throw new MembershipException(
                    "can't join the cluster on " + link.interfaceName() + ", "
                            + link.bind().getHostAddress() + " port " + link.port() + ": " + e.getMessage(),
                    e);
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
                    .max((a, b) -> Long.compare(NodeAddresses.incarnation(a), NodeAddresses.incarnation(b)))
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

    /** How many messages from the network were refused, for each reason that occurred. */
    public Map<Refusal, Long> refusals() {
        return refusals.totals();
    }

    @Override
    public void close() {
        JChannel current;
        synchronized (this) {
            current = channel;
        }
        if (current != null) {
            current.close();
        }
    }

    /** Calls the listener, one call at a time whatever thread JGroups comes with. */
    private final class Inbox implements Receiver {
        private final MembershipListener listener;

        Inbox(MembershipListener listener) {
            this.listener = listener;
        }

        @Override
        public void viewAccepted(View accepted) {
            synchronized (delivery) {
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
                listener.onView(new ClusterView(id, java.util.List.copyOf(names), accepted instanceof MergeView));
            }
        }

        @Override
        public void receive(Message message) {
            addresses.node(message.getSrc()).ifPresent(node -> {
                byte[] bytes = java.util.Arrays.copyOfRange(
                        message.getArray(), message.getOffset(), message.getOffset() + message.getLength());
                synchronized (delivery) {
                    listener.onMessage(node, bytes);
                }
            });
        }
    }
}
