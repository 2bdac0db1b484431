package org.halvs.resource.builtin;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.halvs.linux.Rtnetlink;
import org.halvs.resource.ResourceAgent;
import org.halvs.resource.ResourceSpec;
import org.halvs.resource.address.AddressAgent;
import org.halvs.resource.address.Announcer;
import org.halvs.resource.address.FloatingAddresses;
import org.halvs.resource.address.SendArpAgent;
import org.halvs.resource.address.SourceAddressAgent;
import org.halvs.resource.script.Script;
import org.halvs.resource.script.ScriptAgent;
import org.halvs.resource.script.ScriptEnvironment;
import org.halvs.resource.script.ScriptKind;
import org.halvs.resource.script.ScriptLimits;
import org.halvs.resource.script.ScriptLookup;
import org.halvs.resource.script.ScriptRunner;

/**
 * Chooses the agent of each resource. Not for {@code ldirectord}, which is the daemon itself.
 *
 * @param addresses of this host, for IPaddr, IPaddr2 and IPv6addr
 */
public record ResourceAgents(
        FloatingAddresses addresses,
        Rtnetlink rtnetlink,
        Announcer announcer,
        Scripts scripts,
        Surroundings surroundings) {

    /** What the small agents of ours reach outside by. */
    public record Surroundings(MailSender mail, PortBlocks ports, SyncRole syncRole) {}

    /** What scripts are found and run with. */
    public record Scripts(
            ScriptLookup lookup, ScriptRunner runner, ScriptEnvironment environment, ScriptLimits limits) {}

    /** The agent of a resource, or why there is none. */
    public sealed interface Choice {

        /**
         * There is one.
         *
         * @param note what an administrator should know about the choice; empty for most
         */
        record Agent(ResourceAgent agent, Optional<String> note) implements Choice {}

        /** There is none. */
        record Missing(String message) implements Choice {}
    }

    /**
     * What heartbeat's own wrappers in {@code resource.d} all contain, by which they are told from a site's scripts:
     * the name of the helper that maps their arguments to those of the OCF agents.
     */
    private static final String STOCK_WRAPPER = "hto-mapfuncs";

    private static final long LARGEST_WRAPPER_BYTES = 64 * 1024;

    /** A new agent for {@code resource}. Looks at files, does not run anything. */
    public Choice agentOf(ResourceSpec resource) {
        Optional<ResourceAgent> own = builtin(resource);
        ScriptLookup.Result found = scripts.lookup().find(resource);
        if (own.isPresent()) {
            return found instanceof ScriptLookup.Result.Found(Script script) && isOfTheSite(script)
                    ? new Choice.Agent(
                            agent(script),
                            Optional.of(resource.agent() + ": the site's own " + script.path()
                                    + " is used instead of the built-in agent"))
                    : new Choice.Agent(own.get(), Optional.empty());
        }
        return switch (found) {
            case ScriptLookup.Result.Found(Script script) -> new Choice.Agent(agent(script), Optional.empty());
            case ScriptLookup.Result.Missing(String message) -> new Choice.Missing(message);
        };
    }

    private ResourceAgent agent(Script script) {
        return new ScriptAgent(script, scripts.runner(), scripts.environment(), scripts.limits());
    }

    private Optional<ResourceAgent> builtin(ResourceSpec resource) {
        List<String> arguments = resource.arguments();
        return switch (resource.agent()) {
            case "IPaddr", "IPaddr2", "IPv6addr" ->
                AddressAgent.of(resource, addresses).map(ResourceAgent.class::cast);
            case "SendArp" -> Optional.of(new SendArpAgent(rtnetlink, announcer, arguments));
            case "IPsrcaddr" -> Optional.of(new SourceAddressAgent(rtnetlink, arguments));
            case "Delay" -> Optional.of(new DelayAgent(arguments));
            case "MailTo" ->
                Optional.of(new MailAgent(arguments, scripts.environment().node(), surroundings.mail()));
            case "portblock" -> Optional.of(new PortBlockAgent(arguments, surroundings.ports()));
            case "LVSSyncDaemonSwap" -> Optional.of(new SyncAgent(arguments, surroundings.syncRole()));
            default -> Optional.empty();
        };
    }

    /** A script among heartbeat's own that is not one of the wrappers heartbeat came with. */
    private static boolean isOfTheSite(Script script) {
        return script.kind() == ScriptKind.HEARTBEAT && !isStockWrapper(script.path());
    }

    private static boolean isStockWrapper(Path path) {
        try {
            return Files.size(path) <= LARGEST_WRAPPER_BYTES
                    && Files.readString(path, StandardCharsets.ISO_8859_1).contains(STOCK_WRAPPER);
        } catch (IOException _) {
            return false;
        }
    }
}
