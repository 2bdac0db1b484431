package org.halvs.ha.heartbeat;

import static org.halvs.ha.heartbeat.HeartbeatLine.crit;
import static org.halvs.ha.heartbeat.HeartbeatLine.error;
import static org.halvs.ha.heartbeat.HeartbeatLine.info;
import static org.halvs.ha.heartbeat.HeartbeatLine.warn;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.halvs.ha.event.DomainEvent;
import org.halvs.resource.ResourceGroup;
import org.halvs.resource.ResourceSpec;

/**
 * The lines heartbeat would have logged for an event, in the order in which it did; what people's alarms and scripts look for. Events heartbeat
 * knew nothing of have none.
 *
 * @param fencing whether a STONITH device is configured
 * @param groups finds a group by its key
 */
public record HeartbeatLines(String local, boolean fencing, Function<String, Optional<ResourceGroup>> groups) {
    private static final Pattern EXIT = Pattern.compile("exit status ([0-9]+).*", Pattern.DOTALL);

    public List<HeartbeatLine> of(DomainEvent event) {
        return switch (event) {
            case DomainEvent.NodeStarted _ ->
                List.of(info("heartbeat: version 3.0.6"), info("Local status now set to: 'up'"));
            case DomainEvent.NodeStopped stopped -> List.of(info(stopped.node() + " Heartbeat shutdown complete."));
            case DomainEvent.ShutdownBegun begun ->
                List.of(
                        info("Heartbeat shutdown in progress. (" + begun.pid() + ")"),
                        info("Giving up all HA resources."));
            case DomainEvent.AllReleased _ -> List.of(info("All HA resources relinquished."));
            case DomainEvent.LinkChanged link ->
                List.of(info("Link " + link.node() + ":" + link.link() + (link.up() ? " up." : " dead.")));
            case DomainEvent.LateHeartbeat late -> List.of(late(late));
            case DomainEvent.NodeStatusChanged changed -> status(changed);
            case DomainEvent.ShutdownNoticed noticed ->
                List.of(
                        info("Received shutdown notice from '" + noticed.node() + "'."),
                        info("Resources being acquired from " + noticed.node() + "."));
            case DomainEvent.NodeDeparted departed -> departed(departed);
            case DomainEvent.TakeoverCompleted done ->
                List.of(
                        info("mach_down takeover complete for node " + done.node() + "."),
                        info("mach_down takeover complete."));
            case DomainEvent.MembershipChanged changed -> membership(changed);
            case DomainEvent.NodeSettled settled ->
                List.of(
                        info((settled.others() ? "remote" : "local") + " resource transition completed."),
                        info("Initial resource acquisition complete ("
                                + (settled.others() ? "T_RESOURCES(us)" : "auto_failback") + ")"));
            case DomainEvent.GroupAcquiring acquiring ->
                List.of(info("Acquiring resource group: " + line(acquiring.group())));
            case DomainEvent.GroupReleasing releasing ->
                List.of(info("Releasing resource group: " + line(releasing.group())));
            case DomainEvent.GroupAcquired _ -> List.of(info("Local Resource acquisition completed."));
            case DomainEvent.OwnerChanged changed ->
                changed.owner().isEmpty() ? List.of() : List.of(info("remote resource transition completed."));
            case DomainEvent.OwnershipBroken broken -> List.of(broken(broken));
            case DomainEvent.ResourceFailed failed -> failed(failed);
            case DomainEvent.StandbyBegun begun -> begun(begun);
            case DomainEvent.StandbyCompleted completed -> completed(completed);
            case DomainEvent.Reloaded reloaded ->
                List.of(info(reloaded.changes().isEmpty() ? "Configuration unchanged." : "Configuration changed."));
            default -> List.of();
        };
    }

    private static HeartbeatLine late(DomainEvent.LateHeartbeat late) {
        String text = "Late heartbeat: Node " + late.node() + ": interval "
                + late.interval().toMillis() + " ms";
        return late.beyondDeadtime() ? crit(text + " (> deadtime)") : warn(text);
    }

    private static List<HeartbeatLine> status(DomainEvent.NodeStatusChanged changed) {
        if (changed.local()) {
            return List.of(info("Local status now set to: '" + changed.status() + "'"));
        }
        return changed.status().equals("dead") // which has lines of its own
                ? List.of()
                : List.of(info("Status update for node " + changed.node() + ": status " + changed.status()));
    }

    private List<HeartbeatLine> departed(DomainEvent.NodeDeparted departed) {
        if (departed.orderly()) {
            return List.of();
        }
        List<HeartbeatLine> lines = new ArrayList<>();
        lines.add(warn("node " + departed.node() + ": is dead"));
        if (departed.heldNothing()) {
            lines.add(info("Dead node " + departed.node() + " gave up resources."));
            return lines;
        }
        if (!fencing) {
            lines.add(warn("No STONITH device configured."));
            lines.add(warn("Shared disks are not protected."));
        }
        lines.add(info("Resources being acquired from " + departed.node() + "."));
        return lines;
    }

    private static List<HeartbeatLine> membership(DomainEvent.MembershipChanged changed) {
        List<HeartbeatLine> lines = new ArrayList<>();
        if (changed.merge()) {
            for (String node : changed.joined()) {
                lines.add(crit("Cluster node " + node + " returning after partition."));
                lines.add(warn("Deadtime value may be too small."));
            }
        }
        return lines;
    }

    private static HeartbeatLine broken(DomainEvent.OwnershipBroken broken) {
        String whose = broken.foreign() ? "foreign" : "our";
        return error(
                broken.owners().isEmpty()
                        ? "No one owns " + whose + " resources!"
                        : "Both machines own " + whose + " resources!");
    }

    private List<HeartbeatLine> failed(DomainEvent.ResourceFailed failed) {
        if (failed.action().equals("stop")) {
            return List.of(crit("Resource STOP failure. " + failed.resource()));
        }
        Matcher exit = EXIT.matcher(failed.outcome());
        String code = exit.matches() ? exit.group(1) : "1";
        return List.of(
                error("Return code " + code + " from " + failed.resource()),
                crit("Giving up resources due to failure of " + failed.resource()));
    }

    private List<HeartbeatLine> begun(DomainEvent.StandbyBegun standby) {
        String scope = standby.scope();
        HeartbeatLine wish = info(standby.node() + " wants to go standby [" + scope + "]");
        if (standby.local()) {
            return List.of(
                    wish,
                    info("standby: " + standby.taker() + " can take our " + scope + " resources"),
                    info("give up " + scope + " HA resources (standby)."));
        }
        return standby.taker().equals(local)
                ? List.of(
                        wish,
                        info("standby: acquire [" + scope + "] resources from " + standby.node()),
                        info("acquire " + scope + " HA resources (standby)."))
                : List.of(wish);
    }

    private List<HeartbeatLine> completed(DomainEvent.StandbyCompleted standby) {
        String scope = standby.scope();
        if (standby.local()) {
            return List.of(
                    info(scope + " HA resource release completed (standby)."),
                    info("Local standby process completed [" + scope + "]."),
                    info("Other node completed standby takeover of " + scope + " resources."));
        }
        return standby.taker().equals(local)
                ? List.of(
                        info(scope + " HA resource acquisition completed (standby)."),
                        info("Standby resource acquisition done [" + scope + "]."))
                : List.of();
    }

    /** The group as it stands in haresources: {@code alice IPaddr2::192.0.2.1/24/eth0}. */
    private String line(String key) {
        return groups.apply(key)
                .map(group -> group.preferredNode() + " "
                        + String.join(
                                " ",
                                group.resources().stream()
                                        .map(ResourceSpec::text)
                                        .toList()))
                .orElse(key);
    }
}
