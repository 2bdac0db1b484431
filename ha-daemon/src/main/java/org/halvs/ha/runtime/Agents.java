package org.halvs.ha.runtime;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.halvs.ha.config.ResourceSettings;
import org.halvs.linux.AddressClaimMonitor;
import org.halvs.linux.LinkLayerSocket;
import org.halvs.linux.LinuxException;
import org.halvs.linux.MemoryNeighbourSilence;
import org.halvs.linux.NeighbourSilence;
import org.halvs.linux.NetworkChange;
import org.halvs.linux.NetworkMonitor;
import org.halvs.linux.NftNeighbourSilence;
import org.halvs.linux.PortBlock;
import org.halvs.linux.Rtnetlink;
import org.halvs.resource.ActionResult;
import org.halvs.resource.GroupSequence;
import org.halvs.resource.ResourceAgent;
import org.halvs.resource.ResourceGroup;
import org.halvs.resource.ResourceSpec;
import org.halvs.resource.address.AddressAgent;
import org.halvs.resource.address.AddressJournal;
import org.halvs.resource.address.AddressRequest;
import org.halvs.resource.address.AddressWatch;
import org.halvs.resource.address.Announcer;
import org.halvs.resource.address.Cleanup;
import org.halvs.resource.address.ConflictWatch;
import org.halvs.resource.address.FloatingAddresses;
import org.halvs.resource.address.FormerOwners;
import org.halvs.resource.address.Forwarding;
import org.halvs.resource.address.LinkWatch;
import org.halvs.resource.builtin.PortBlocks;
import org.halvs.resource.builtin.ResourceAgents;
import org.halvs.resource.builtin.SyncRole;
import org.halvs.resource.script.ScriptEnvironment;
import org.halvs.resource.script.ScriptLimits;
import org.halvs.resource.script.ScriptLookup;
import org.halvs.resource.script.ScriptRunner;

/** The agents of this node's resources and what they share: one netlink socket, one announcer, one journal of addresses. */
final class Agents implements AutoCloseable {
    private static final int NOT_INSTALLED = 5; // LSB and OCF
    private static final Logger LOG = System.getLogger("halvs");

    private final Rtnetlink rtnetlink;
    private final AddressJournal journal;
    private final Announcer announcer;
    private final Optional<NeighbourSilence> silence;
    private final FloatingAddresses addresses;
    private final Optional<FormerOwners> formerOwners;
    private final ResourceAgents choices;
    private final ResourceAgents.Surroundings surroundings;
    private final Map<ResourceSpec, ChosenAgent> chosen = new ConcurrentHashMap<>();

    private Agents(
            Path run,
            ScriptEnvironment environment,
            ScriptLimits limits,
            Rtnetlink rtnetlink,
            AddressJournal journal,
            Announcer announcer,
            Optional<NeighbourSilence> silence,
            Optional<FormerOwners> formerOwners,
            ResourceAgents.Surroundings surroundings) {
        this.surroundings = surroundings;
        this.formerOwners = formerOwners;
        this.silence = silence;
        this.rtnetlink = rtnetlink;
        this.journal = journal;
        this.announcer = announcer;
        this.addresses = new FloatingAddresses(rtnetlink, announcer, journal, Forwarding::ipv6, silence);
        ResourceAgents.Scripts scripts = new ResourceAgents.Scripts(
                ScriptLookup.under(environment.etc()), new ScriptRunner(run), environment, limits);
        this.choices = new ResourceAgents(addresses, rtnetlink, announcer, scripts, surroundings);
    }

    /**
     * @param environment what scripts get
     * @param formerOwners of addresses that are taken from dead nodes; closed with the agents
     */
    static Agents open(
            Path run, ScriptEnvironment environment, ResourceSettings settings, Optional<FormerOwners> formerOwners) {
        Rtnetlink rtnetlink = Rtnetlink.open();
        Announcer announcer = new Announcer(LinkLayerSocket.openForSending(), settings.announcements());
        return new Agents(
                run,
                environment,
                settings.limits(),
                rtnetlink,
                AddressJournal.open(run.resolve(Leftovers.JOURNAL)),
                announcer,
                silence(),
                formerOwners,
                new ResourceAgents.Surroundings(
                        new NodeMail(environment.node(), settings.mailServer()),
                        new PortBlocks(PortBlock::open),
                        Agents::note));
    }

    private static Optional<NeighbourSilence> silence() {
        try {
            return Optional.of(NftNeighbourSilence.open());
        } catch (LinuxException e) {
            LOG.log(Level.INFO, "addresses are handed over with a gap of some milliseconds: {0}", e.getMessage());
            return Optional.empty();
        }
    }

    /**
     * Agents of a host that exists in memory only, with a journal that nobody reads.
     *
     * @param host is closed with the agents, and so is {@code wire}
     */
    static Agents rehearsing(
            Path run, ScriptEnvironment environment, ResourceSettings settings, Rtnetlink host, LinkLayerSocket wire) {
        return new Agents(
                run,
                environment,
                settings.limits(),
                host,
                AddressJournal.open(run.resolve("rehearsal")),
                new Announcer(wire, settings.announcements()),
                Optional.of(new MemoryNeighbourSilence()),
                Optional.empty(),
                new ResourceAgents.Surroundings(
                        (recipients, subject, body) -> {}, new PortBlocks(PortBlock::open), role -> {}));
    }

    /** Begins to watch the addresses and their interfaces. */
    AddressWatch watch(List<ResourceGroup> groups, LinkWatch.Listener links, AddressWatch.Listener drifts) {
        return new AddressWatch(
                NetworkMonitor.open(NetworkChange.Kind.LINKS, NetworkChange.Kind.ADDRESSES),
                Rtnetlink.open(),
                addresses,
                new LinkWatch(groups, links),
                drifts);
    }

    /** Begins to watch for others who have one of the addresses. */
    ConflictWatch watchForOthers(ConflictWatch.Listener listener) {
        return new ConflictWatch(
                AddressClaimMonitor.open(), Rtnetlink.open(), addresses, announcer, listener, formerOwners);
    }

    /** An earlier life of this node may have been killed: what it held is somebody else's by now. */
    void releaseLeftovers() {
        Cleanup.Report report = Cleanup.run(rtnetlink, journal);
        report.removed()
                .forEach(address ->
                        LOG.log(Level.WARNING, "removed {0}, left behind by a daemon that was killed", address));
        Leftovers.liftFilters();
        report.failed().forEach(failure -> LOG.log(Level.ERROR, "left behind by a daemon that was killed: " + failure));
    }

    private static void note(SyncRole.Role role) {
        LOG.log(
                Level.INFO,
                "LVSSyncDaemonSwap: noted that this node is {0}; keeping connections on both directors needs no roles"
                        + " here",
                role.name().toLowerCase(Locale.ROOT));
    }

    /** Whether no floating address is on this host, or about to be. */
    boolean holdNothing() {
        return journal.entries().isEmpty();
    }

    /** The agent of a resource that is no director. */
    ResourceAgent agent(ResourceSpec resource) {
        return chosen.computeIfAbsent(resource, ChosenAgent::new);
    }

    @Override
    public void close() {
        if (surroundings.mail() instanceof NodeMail mail) {
            mail.close();
        }
        surroundings.ports().close();
        formerOwners.ifPresent(FormerOwners::close);
        announcer.close();
        silence.ifPresent(NeighbourSilence::close);
        rtnetlink.close();
    }

    /** The addresses among the resources, which are taken in batches. */
    Together together() {
        return new AddressesTogether();
    }

    private final class AddressesTogether implements Together {
        @Override
        public boolean takes(ResourceSpec resource) {
            ChosenAgent agent = chosen.get(resource);
            return agent != null && agent.addressRequest().isPresent();
        }

        @Override
        public List<ActionResult> run(GroupSequence.Action action, List<ResourceSpec> resources) {
            List<AddressRequest> requests = requests(resources);
            return switch (action) {
                case STATUS -> addresses.status(requests);
                case START -> {
                    resources.forEach(resource -> agentOf(resource).remember());
                    List<ActionResult> results = addresses.start(requests);
                    formerOwners.ifPresent(owners -> owners.taken(started(requests, results)));
                    yield results;
                }
                case STOP -> {
                    formerOwners.ifPresent(owners -> owners.givenUp(requests));
                    yield addresses.stop(requests);
                }
            };
        }

        @Override
        public List<ActionResult> fade(List<ResourceSpec> resources) {
            List<AddressRequest> requests = requests(resources);
            formerOwners.ifPresent(owners -> owners.givenUp(requests));
            return addresses.fade(requests);
        }

        private static List<AddressRequest> started(List<AddressRequest> requests, List<ActionResult> results) {
            List<AddressRequest> started = new ArrayList<>();
            for (int i = 0; i < requests.size(); i++) {
                if (results.get(i) instanceof ActionResult.Done) {
                    started.add(requests.get(i));
                }
            }
            return started;
        }

        private List<AddressRequest> requests(List<ResourceSpec> resources) {
            return resources.stream()
                    .map(resource -> agentOf(resource)
                            .addressRequest()
                            .orElseThrow(() -> new IllegalStateException(resource + " is no address")))
                    .toList();
        }

        @Override
        public void announce() {
            addresses.announceAgain();
        }
    }

    private ChosenAgent agentOf(ResourceSpec resource) {
        return Objects.requireNonNull(chosen.get(resource), resource::text);
    }

    /**
     * A resource whose agent is chosen at each start: a script may be installed, mended or replaced while the daemon runs. What started it stops
     * it. Confined to the thread that works on its group.
     */
    private final class ChosenAgent implements ResourceAgent {
        private final ResourceSpec resource;
        private Optional<ResourceAgent> started = Optional.empty();

        ChosenAgent(ResourceSpec resource) {
            this.resource = resource;
        }

        /** What is asked of {@link #addresses} instead of this; empty for what is no address, or a site's script, or wrong. */
        Optional<AddressRequest> addressRequest() {
            return current().filter(AddressAgent.class::isInstance).flatMap(agent -> ((AddressAgent) agent).request());
        }

        /** It is about to be started as an address: a script that appears later does not stop it. */
        void remember() {
            started = current();
        }

        @Override
        public ActionResult start() {
            return switch (choices.agentOf(resource)) {
                case ResourceAgents.Choice.Agent(ResourceAgent agent, Optional<String> note) -> {
                    note.ifPresent(text -> LOG.log(Level.INFO, text));
                    started = Optional.of(agent);
                    yield agent.start();
                }
                case ResourceAgents.Choice.Missing(String message) -> new ActionResult.Failed(NOT_INSTALLED, message);
            };
        }

        @Override
        public ActionResult stop() {
            ActionResult result = current()
                    .map(ResourceAgent::stop)
                    .orElseGet(ActionResult::done); // what is nowhere was never started
            if (result instanceof ActionResult.Done) {
                started = Optional.empty();
            }
            return result;
        }

        @Override
        public ActionResult status() {
            return current().map(ResourceAgent::status).orElseGet(ActionResult.NotRunning::new);
        }

        private Optional<ResourceAgent> current() {
            return started.or(
                    () -> choices.agentOf(resource) instanceof ResourceAgents.Choice.Agent(ResourceAgent agent, var _)
                            ? Optional.of(agent)
                            : Optional.empty());
        }
    }
}
