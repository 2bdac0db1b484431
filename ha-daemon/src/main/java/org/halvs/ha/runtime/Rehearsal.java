package org.halvs.ha.runtime;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.halvs.ha.config.Authkeys;
import org.halvs.ha.config.ResourceSettings;
import org.halvs.ha.membership.path.PathRehearsal;
import org.halvs.linux.AddressChange;
import org.halvs.linux.ArpFrame;
import org.halvs.linux.InterfaceAddress;
import org.halvs.linux.IpAddress;
import org.halvs.linux.Link;
import org.halvs.linux.LinkLayerSocket;
import org.halvs.linux.MacAddress;
import org.halvs.linux.MemoryLinkLayerSocket;
import org.halvs.linux.MemoryRtnetlink;
import org.halvs.linux.NeighbourAdvertisement;
import org.halvs.linux.Rtnetlink;
import org.halvs.resource.ActionResult;
import org.halvs.resource.ResourceAgent;
import org.halvs.resource.ResourceGroup;
import org.halvs.resource.ResourceSpec;
import org.halvs.resource.address.AddressScript;
import org.halvs.resource.address.HostNetwork;
import org.halvs.resource.script.ScriptEnvironment;

/**
 * Takes and releases groups while it matters to nobody, so that the first real takeover finds its code loaded and compiled: the very code,
 * with addresses that exist in memory only, and calls of the kernel that change nothing. A daemon that has just started needs ten times as long
 * for its first takeover as for its second. It is done at leisure, after the start, which has enough to do.
 */
final class Rehearsal {
    private static final Logger LOG = System.getLogger("halvs");
    private static final long AFTER_START_MILLIS = 1_500;
    /** As many as make HotSpot compile what they go through. */
    private static final int ROUNDS = 150;

    private static final long PAUSE_MILLIS = 80;
    private static final int MOST_RESOURCES = 4;

    private final Path run;
    private final ScriptEnvironment environment;
    private final ResourceSettings settings;

    private Rehearsal(Path run, ScriptEnvironment environment, ResourceSettings settings) {
        this.run = run;
        this.environment = environment;
        this.settings = settings;
    }

    /** Rehearses on a thread of its own, for a quarter of a minute. */
    static void start(
            Authkeys authkeys,
            List<ResourceGroup> groups,
            Path run,
            ScriptEnvironment environment,
            ResourceSettings settings) {
        Rehearsal rehearsal = new Rehearsal(run, environment, settings);
        Thread.ofPlatform().name("rehearsal").daemon(true).start(() -> {
            try {
                Thread.sleep(AFTER_START_MILLIS);
                hear(authkeys);
                rehearsal.perform(groups.stream().map(Rehearsal::shortened).toList());
            } catch (RuntimeException e) {
                LOG.log(Level.DEBUG, "the rehearsal of takeovers was given up: {0}", e.toString());
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            }
        });
    }

    /** Takeovers are rehearsed as well where heartbeats can't be, without a loopback for example. */
    private static void hear(Authkeys authkeys) throws InterruptedException {
        try {
            PathRehearsal.perform(authkeys);
        } catch (RuntimeException e) {
            LOG.log(Level.DEBUG, "the rehearsal of heartbeats was given up: {0}", e.toString());
        }
    }

    private static ResourceGroup shortened(ResourceGroup group) {
        List<ResourceSpec> resources = group.resources();
        return new ResourceGroup(
                group.preferredNode(), resources.subList(0, Math.min(MOST_RESOURCES, resources.size())), group.line());
    }

    private void perform(List<ResourceGroup> groups) throws InterruptedException {
        MemoryLinkLayerSocket wire = new MemoryLinkLayerSocket();
        try (Rtnetlink kernel = Rtnetlink.open();
                LinkLayerSocket socket = LinkLayerSocket.openForSending();
                Agents agents = Agents.rehearsing(run, environment, settings, copyOf(kernel), wire);
                TakeoverRehearsal takeovers = new TakeoverRehearsal(
                        groups,
                        spec -> AddressScript.named(spec.agent()).isPresent() ? agents.agent(spec) : new Stand(),
                        agents.together())) {
            boolean goesOn = true;
            for (int round = 0; round < ROUNDS && goesOn; round++) {
                askKernel(kernel, socket);
                goesOn = takeovers.round();
                wire.clear();
                Thread.sleep(PAUSE_MILLIS);
            }
            LOG.log(Level.DEBUG, "the rehearsal of takeovers {0}", goesOn ? "is complete" : "got stuck");
        }
    }

    /** Adds what is there, removes what is not, and says something to the loopback, where nobody listens. */
    private static void askKernel(Rtnetlink kernel, LinkLayerSocket socket) {
        HostNetwork.read(kernel);
        Optional<Link> loopback =
                kernel.links().stream().filter(Link::loopback).filter(Link::up).findFirst();
        if (loopback.isEmpty()) {
            return;
        }
        int index = loopback.get().index();
        kernel.apply(List.of(
                new AddressChange.Add(InterfaceAddress.of(index, IpAddress.of("127.0.0.1"), 8)
                        .withScope(InterfaceAddress.Scope.HOST)),
                new AddressChange.Remove(InterfaceAddress.of(index, IpAddress.of("127.254.254.253"), 32))));
        MacAddress nobody = new MacAddress(0);
        IpAddress here = IpAddress.of("127.0.0.1");
        socket.send(index, ArpFrame.gratuitousRequest(nobody, here).bytes());
        socket.send(index, ArpFrame.gratuitousReply(nobody, here).bytes());
        socket.send(index, new NeighbourAdvertisement(nobody, IpAddress.of("::1"), false).bytes());
    }

    private static Rtnetlink copyOf(Rtnetlink kernel) {
        MemoryRtnetlink copy = new MemoryRtnetlink();
        kernel.links().forEach(copy::putLink);
        copy.apply(kernel.addresses().stream()
                .<AddressChange>map(AddressChange.Add::new)
                .toList());
        return copy;
    }

    /** Stands in for everything that is no address. */
    private static final class Stand implements ResourceAgent {
        @Override
        public ActionResult start() {
            return ActionResult.done();
        }

        @Override
        public ActionResult stop() {
            return ActionResult.done();
        }

        @Override
        public ActionResult status() {
            return new ActionResult.NotRunning();
        }
    }
}
