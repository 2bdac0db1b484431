package org.halvs.ha.runtime;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.function.Function;
import org.halvs.linux.LinkLayerSocket;
import org.halvs.linux.Rtnetlink;
import org.halvs.resource.ActionResult;
import org.halvs.resource.ResourceAgent;
import org.halvs.resource.ResourceSpec;
import org.halvs.resource.address.AddressAgent;
import org.halvs.resource.address.AddressJournal;
import org.halvs.resource.address.Announcer;
import org.halvs.resource.address.Cleanup;
import org.halvs.resource.address.FloatingAddresses;
import org.halvs.resource.address.Forwarding;
import org.halvs.resource.script.Script;
import org.halvs.resource.script.ScriptAgent;
import org.halvs.resource.script.ScriptEnvironment;
import org.halvs.resource.script.ScriptLimits;
import org.halvs.resource.script.ScriptLookup;
import org.halvs.resource.script.ScriptRunner;

/** The agents of this node's resources and what they share: one netlink socket, one announcer, one journal of addresses. */
final class Agents implements AutoCloseable {
    private static final Logger LOG = System.getLogger("halvs");

    private final Rtnetlink rtnetlink;
    private final AddressJournal journal;
    private final Announcer announcer;
    private final FloatingAddresses addresses;
    private final ScriptLookup scripts;
    private final ScriptRunner runner;
    private final ScriptEnvironment environment;

    private Agents(Path etc, String node, Rtnetlink rtnetlink, AddressJournal journal, Announcer announcer) {
        this.scripts = ScriptLookup.under(etc);
        this.runner = new ScriptRunner(Path.of("/"));
        this.environment = ScriptEnvironment.of(etc, node);
        this.rtnetlink = rtnetlink;
        this.journal = journal;
        this.announcer = announcer;
        this.addresses = new FloatingAddresses(rtnetlink, announcer, journal, Forwarding::ipv6);
    }

    static Agents open(Path etc, Path run, String node) {
        Rtnetlink rtnetlink = Rtnetlink.open();
        Announcer announcer = new Announcer(LinkLayerSocket.openForSending());
        return new Agents(etc, node, rtnetlink, AddressJournal.open(run.resolve(Leftovers.JOURNAL)), announcer);
    }

    /** An earlier life of this node may have been killed: what it held is somebody else's by now. */
    void releaseLeftovers() {
        Cleanup.Report report = Cleanup.run(rtnetlink, journal);
        report.removed()
                .forEach(address ->
                        LOG.log(Level.WARNING, "removed {0}, left behind by a daemon that was killed", address));
        report.failed().forEach(failure -> LOG.log(Level.ERROR, "left behind by a daemon that was killed: " + failure));
    }

    /** The agent of a resource that is no director. */
    ResourceAgent agent(ResourceSpec resource) {
        return AddressAgent.of(resource, addresses)
                .<ResourceAgent>map(agent -> new AnnouncedAddress(agent, addresses))
                .orElseGet(() -> new LookedUpScript(resource, scripts, runner, environment));
    }

    @Override
    public void close() {
        announcer.close();
        rtnetlink.close();
    }

    /** A script, looked for each time it is needed: it may be installed, mended or removed while the daemon runs. */
    private record LookedUpScript(
            ResourceSpec resource, ScriptLookup scripts, ScriptRunner runner, ScriptEnvironment environment)
            implements ResourceAgent {
        @Override
        public ActionResult start() {
            return with(ScriptAgent::start);
        }

        @Override
        public ActionResult stop() {
            return with(ScriptAgent::stop);
        }

        @Override
        public ActionResult status() {
            return with(ScriptAgent::status);
        }

        private ActionResult with(Function<ScriptAgent, ActionResult> action) {
            return switch (scripts.find(resource)) {
                case ScriptLookup.Result.Found(Script script) ->
                    action.apply(new ScriptAgent(script, runner, environment, ScriptLimits.DEFAULT));
                case ScriptLookup.Result.Missing missing -> new ActionResult.Failed(5, missing.message());
            };
        }
    }

    /** A floating address, which can be announced again while it is held. */
    private record AnnouncedAddress(AddressAgent agent, FloatingAddresses addresses)
            implements ResourceAgent, GroupRunner.Announcing {
        @Override
        public ActionResult start() {
            return agent.start();
        }

        @Override
        public ActionResult stop() {
            return agent.stop();
        }

        @Override
        public ActionResult status() {
            return agent.status();
        }

        @Override
        public void announce() {
            addresses.announceAgain();
        }
    }
}
