package org.halvs.ha.cluster;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.halvs.ha.config.ResourceSettings;
import org.halvs.ha.event.DomainEvent;
import org.halvs.ha.membership.ClusterView;
import org.halvs.ha.takeover.FormerHolders;
import org.halvs.ha.takeover.NodeStatus;
import org.halvs.ha.takeover.TakeoverRules;
import org.halvs.linux.IpAddress;
import org.halvs.linux.LinkLayerSocket;
import org.halvs.linux.MacAddress;
import org.halvs.linux.NftFrameAdoption;
import org.halvs.linux.Rtnetlink;
import org.halvs.resource.ResourceGroup;
import org.halvs.resource.address.FormerOwners;

/**
 * Tells {@link FormerOwners} what this node learns of the others: who has which group, from whom a group comes without being handed over, and who is back.
 * Confined to the control thread but for {@link #formerOwners} and what that calls.
 */
public final class Successions {
    private final FormerHolders holders = new FormerHolders();
    private final Consumer<DomainEvent> events;
    private Optional<FormerOwners> owners = Optional.empty();
    private volatile Consumer<Set<MacAddress>> forwarding = _ -> {};

    /** @param events gets to know what is done, on the control thread */
    public Successions(ControlLoop loop, Consumer<DomainEvent> events) {
        this(event -> loop.enqueue(() -> events.accept(event)));
    }

    private Successions(Consumer<DomainEvent> events) {
        this.events = events;
    }

    /** Nobody is looked after. */
    static Successions ofNobody() {
        return new Successions(_ -> {});
    }

    /** Opens what looks after the clients, unless the administrator does not want it. Whoever calls closes it. */
    public Optional<FormerOwners> formerOwners(ResourceSettings settings) {
        owners = settings.formerMac()
                .map(longest -> new FormerOwners(
                        Rtnetlink.open(),
                        LinkLayerSocket.openForSending(),
                        NftFrameAdoption.open(),
                        macs -> forwarding.accept(macs),
                        new Reports(),
                        longest));
        return owners;
    }

    /** Has {@code plane} told from frames to which MACs of others it serves as well. */
    public void forwardWith(Consumer<Set<MacAddress>> plane) {
        forwarding = plane;
    }

    void viewInstalled(ClusterView view, List<String> joined) {
        holders.viewInstalled(view);
        joined.forEach(this::heardAgain);
    }

    void heardAgain(String node) {
        owners.ifPresent(all -> all.isBack(node));
    }

    void heard(NodeStatus status, TakeoverRules rules) {
        FormerHolders.News news = holders.heard(status);
        if (news.fit()) {
            heardAgain(status.node());
        }
        owners.ifPresent(all -> news.held().forEach(key -> rules.group(key).ifPresent(all::heldElsewhere)));
    }

    /**
     * This node begins to take a group.
     *
     * @param fromLivingKernel whether the machine that had it may be alive: its MAC is not to be had then
     */
    void acquiring(ResourceGroup group, boolean fromLivingKernel) {
        if (!fromLivingKernel) {
            holders.unreachable(group.key()).ifPresent(node -> owners.ifPresent(all -> all.comesFrom(node, group)));
        }
        holders.taken(group.key());
    }

    private final class Reports implements FormerOwners.Listener {
        @Override
        public void adopted(String node, MacAddress mac, List<IpAddress> addresses, Duration longest) {
            events.accept(new DomainEvent.FormerMacAdopted(node, mac.toString(), texts(addresses), longest));
        }

        private static List<String> texts(List<IpAddress> addresses) {
            return addresses.stream().map(IpAddress::toString).toList();
        }

        @Override
        public void left(String node, MacAddress mac, String why) {
            events.accept(new DomainEvent.FormerMacLeft(node, mac.toString(), why));
        }

        @Override
        public void failed(String why) {
            events.accept(new DomainEvent.Degraded("the MAC of a former owner", why));
        }
    }
}
