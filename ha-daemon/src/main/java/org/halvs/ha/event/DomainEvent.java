package org.halvs.ha.event;

import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import org.halvs.dialect.ConfigProblem;

/** Something that happened on this node. */
public sealed interface DomainEvent {

    /** How much it matters: an error needs somebody to act, a warning is being dealt with, the rest is worth knowing. */
    enum Severity {
        INFO,
        WARNING,
        ERROR
    }

    /** What happened and why, one line, without secrets. */
    String text();

    default Severity severity() {
        return Severity.INFO;
    }

    /** The daemon has read its files and begins. */
    record NodeStarted(String node, String version, String plane) implements DomainEvent {
        @Override
        public String text() {
            return "HALVS " + version + " starts as node " + node + "; forwarding " + plane;
        }
    }

    /** The daemon has released everything and ends. */
    record NodeStopped(String node, String reason) implements DomainEvent {
        @Override
        public String text() {
            return "node " + node + " has stopped: " + reason;
        }
    }

    /** Who can hear whom has changed. */
    record MembershipChanged(List<String> members, List<String> joined, List<String> left, boolean merge)
            implements DomainEvent {
        public MembershipChanged {
            members = List.copyOf(members);
            joined = List.copyOf(joined);
            left = List.copyOf(left);
        }

        @Override
        public Severity severity() {
            return left.isEmpty() ? Severity.INFO : Severity.WARNING;
        }

        @Override
        public String text() {
            StringBuilder text = new StringBuilder();
            left.forEach(node -> text.append("node ").append(node).append(" is dead or has left; "));
            joined.forEach(node -> text.append("node ").append(node).append(" is here; "));
            if (merge) {
                text.append("a partition has healed; ");
            }
            return text.append("members now: ")
                    .append(String.join(" ", members))
                    .toString();
        }
    }

    /** This node begins to take a group. */
    record GroupAcquiring(String group, String reason) implements DomainEvent {
        @Override
        public String text() {
            return "acquiring " + group + ": " + reason;
        }
    }

    /** This node has a group whole. */
    record GroupAcquired(String group, long tookMillis) implements DomainEvent {
        @Override
        public String text() {
            return "acquired " + group + " in " + tookMillis + " ms";
        }
    }

    /** This node begins to give a group up. */
    record GroupReleasing(String group, String reason) implements DomainEvent {
        @Override
        public String text() {
            return "releasing " + group + ": " + reason;
        }
    }

    /** This node holds nothing of a group any more. */
    record GroupReleased(String group, long tookMillis) implements DomainEvent {
        @Override
        public String text() {
            return "released " + group + " in " + tookMillis + " ms";
        }
    }

    /** A resource did not start or stop. */
    record ResourceFailed(String group, String resource, String action, String outcome) implements DomainEvent {
        @Override
        public Severity severity() {
            return Severity.ERROR;
        }

        @Override
        public String text() {
            return action + " of " + resource + " in group " + group + " failed: " + outcome;
        }
    }

    /** Two nodes held a group; what was decided. */
    record GroupAnnounced(String group, String reason) implements DomainEvent {
        @Override
        public String text() {
            return "announcing the addresses of " + group + " again: " + reason;
        }
    }

    /** Clients that missed the announcement of addresses taken from a dead node are served although they send to its MAC. */
    record FormerMacAdopted(String node, String mac, List<String> addresses, Duration longest) implements DomainEvent {
        private static final int MOST_NAMED = 4;

        public FormerMacAdopted {
            addresses = List.copyOf(addresses);
        }

        @Override
        public String text() {
            int more = addresses.size() - MOST_NAMED;
            return "answers on " + node + "'s MAC " + mac + " for "
                    + String.join(", ", addresses.subList(0, Math.min(MOST_NAMED, addresses.size())))
                    + (more > 0 ? " and " + more + " more" : "") + " for up to " + longest.toSeconds()
                    + " s, for clients that missed the announcement";
        }
    }

    /** They are not any more. */
    record FormerMacLeft(String node, String mac, String why) implements DomainEvent {
        @Override
        public String text() {
            return "no longer answers on " + node + "'s MAC " + mac + ": " + why;
        }
    }

    /** A director changed the table, or noticed something on the way there. */
    record DirectorChanged(String configuration, String text) implements DomainEvent {}

    /** A file was read and takes effect. */
    record ConfigurationApplied(String file, String change) implements DomainEvent {
        @Override
        public String text() {
            return file + ": " + change;
        }
    }

    /** A changed file has errors and changes nothing. */
    record ConfigurationRefused(String file, List<ConfigProblem> problems) implements DomainEvent {
        public ConfigurationRefused {
            problems = List.copyOf(problems);
        }

        @Override
        public Severity severity() {
            return Severity.ERROR;
        }

        @Override
        public String text() {
            return file + " has errors and changes nothing: "
                    + problems.stream().map(ConfigProblem::toString).collect(Collectors.joining("; "));
        }
    }

    /** An operator asked for something. */
    record OperatorRequest(String request) implements DomainEvent {
        @Override
        public String text() {
            return "operator: " + request;
        }
    }

    /** Something of this node works less well than it should and is being retried. */
    record Degraded(String object, String reason) implements DomainEvent {
        @Override
        public Severity severity() {
            return Severity.WARNING;
        }

        @Override
        public String text() {
            return object + ": " + reason;
        }
    }

    // --- between the nodes -------------------------------------------------------------------------------------------

    /** A node is heard on a link again, or is not heard on it any more. */
    record LinkChanged(String node, String link, boolean up) implements DomainEvent {
        @Override
        public Severity severity() {
            return up ? Severity.INFO : Severity.WARNING;
        }

        @Override
        public String text() {
            return "link " + node + ":" + link + (up ? " is up" : " is dead: nothing was heard on it for deadtime");
        }
    }

    /** A heartbeat came later than warntime after the one before it. */
    record LateHeartbeat(String node, Duration interval, Duration deadtime) implements DomainEvent {
        public boolean beyondDeadtime() {
            return interval.compareTo(deadtime) > 0;
        }

        @Override
        public Severity severity() {
            return Severity.WARNING;
        }

        @Override
        public String text() {
            return "late heartbeat of " + node + ": " + interval.toMillis()
                    + " ms after the one before it, deadtime is " + deadtime.toMillis() + " ms";
        }
    }

    /** This node did not run for a while, so that others may have taken it for dead. */
    record NodeWasAsleep(Duration asleep) implements DomainEvent {
        @Override
        public Severity severity() {
            return Severity.WARNING;
        }

        @Override
        public String text() {
            return "this node did not run for " + asleep.toMillis()
                    + " ms; what it believed of the others is that much too old";
        }
    }

    /** A node is heard that does not hear this one, or that does again. */
    record OneWayPath(String node, boolean notHeard) implements DomainEvent {
        @Override
        public Severity severity() {
            return notHeard ? Severity.WARNING : Severity.INFO;
        }

        @Override
        public String text() {
            return notHeard ? node + " is heard and does not hear this node" : node + " hears this node again";
        }
    }

    /**
     * A node of ha.cf, this one or another, is in another state.
     *
     * @param status heartbeat's words: {@code init}, {@code up}, {@code active}, {@code dead}
     */
    record NodeStatusChanged(String node, boolean local, String status) implements DomainEvent {
        @Override
        public String text() {
            return "node " + node + " is " + status;
        }
    }

    /** Another node says that it is going to stop, in order. */
    record ShutdownNoticed(String node) implements DomainEvent {
        @Override
        public String text() {
            return "node " + node + " is shutting down; its resources come here as it releases them";
        }
    }

    /**
     * A node that was a member is none any more.
     *
     * @param how in a few words
     * @param orderly whether it had released everything
     * @param heldNothing whether it had no group and was getting none when last heard
     */
    record NodeDeparted(String node, String how, boolean orderly, boolean heldNothing) implements DomainEvent {
        @Override
        public Severity severity() {
            return orderly ? Severity.INFO : Severity.WARNING;
        }

        @Override
        public String text() {
            return "node " + node + " is gone: " + how + (heldNothing ? "; it held nothing" : "");
        }
    }

    /** Everything a node that is gone had, and this node could take, has been taken. */
    record TakeoverCompleted(String node) implements DomainEvent {
        @Override
        public String text() {
            return "taking over from " + node + " is complete";
        }
    }

    // --- arbitration -------------------------------------------------------------------------------------------------

    /**
     * What was found out about a group on its own network; said once, and again when it is otherwise.
     *
     * @param trouble whether somebody else seems to have it, or nobody can tell
     */
    record ClaimFound(String group, String finding, boolean trouble) implements DomainEvent {
        @Override
        public Severity severity() {
            return trouble ? Severity.WARNING : Severity.INFO;
        }

        @Override
        public String text() {
            return group + ": " + finding;
        }
    }

    /** So many of the ping nodes of ha.cf answer this node now. */
    record PingNodesReached(int reached, int all) implements DomainEvent {
        @Override
        public Severity severity() {
            return reached < all ? Severity.WARNING : Severity.INFO;
        }

        @Override
        public String text() {
            return reached + " of " + all + " ping nodes answer this node";
        }
    }

    /** This node can't serve a group just now, or can again. */
    record GroupFitness(String group, String reason, boolean fit) implements DomainEvent {
        @Override
        public Severity severity() {
            return fit ? Severity.INFO : Severity.WARNING;
        }

        @Override
        public String text() {
            return (fit ? "this node can serve " : "this node can't serve ") + group + ": " + reason;
        }
    }

    /** Another machine is being reset. */
    record FencingBegun(String node, String reason) implements DomainEvent {
        @Override
        public Severity severity() {
            return Severity.WARNING;
        }

        @Override
        public String text() {
            return "resetting " + node + ": " + reason;
        }
    }

    /** Another machine was reset. */
    record Fenced(String node) implements DomainEvent {
        @Override
        public Severity severity() {
            return Severity.WARNING;
        }

        @Override
        public String text() {
            return node + " was reset; what it had may be taken";
        }
    }

    /** Another machine could not be reset, so that nobody takes what it may have. */
    record FencingFailed(String node, String trouble) implements DomainEvent {
        @Override
        public Severity severity() {
            return Severity.ERROR;
        }

        @Override
        public String text() {
            return node + " could not be reset, and until it is nobody takes what it may have: " + trouble
                    + "; trying again every 5 s";
        }
    }

    /** A group that can't be stopped keeps everybody from taking it. */
    record GroupStuck(String group, String trouble, String consequence) implements DomainEvent {
        @Override
        public Severity severity() {
            return Severity.ERROR;
        }

        @Override
        public String text() {
            return group + " can't be stopped: " + trouble + "; " + consequence;
        }
    }

    // --- who owns what -----------------------------------------------------------------------------------------------

    /**
     * A group has another owner, as this node sees it.
     *
     * @param owner empty when nobody has it
     */
    record OwnerChanged(String group, String owner, String reason) implements DomainEvent {
        @Override
        public String text() {
            return group + (owner.isEmpty() ? " is with nobody: " : " is with " + owner + ": ") + reason;
        }
    }

    /**
     * Two nodes of one view have a group, or nobody can have it.
     *
     * @param owners all who have it; none when nobody can
     * @param foreign whether it prefers another node than this one
     */
    record OwnershipBroken(String group, List<String> owners, boolean foreign, String reason) implements DomainEvent {
        public OwnershipBroken {
            owners = List.copyOf(owners);
        }

        @Override
        public Severity severity() {
            return Severity.ERROR;
        }

        @Override
        public String text() {
            return group + (owners.isEmpty() ? " is with nobody" : " is with " + String.join(" and ", owners)) + ": "
                    + reason;
        }
    }

    /** The node has done with waiting for others after its start; whatever it is to have it has or is getting. */
    record NodeSettled(String node, boolean others) implements DomainEvent {
        @Override
        public String text() {
            return "node " + node + " has decided what it takes after its start"
                    + (others ? "" : "; no other node is there");
        }
    }

    /** A node gives groups to another one because an operator, here or there, wants it. */
    record StandbyBegun(String node, String scope, String taker, boolean local) implements DomainEvent {
        @Override
        public String text() {
            return node + " goes on standby [" + scope + "]; " + taker + " can take the resources";
        }
    }

    /** All groups of a standby have arrived. */
    record StandbyCompleted(String node, String scope, String taker, boolean local) implements DomainEvent {
        @Override
        public String text() {
            return "standby [" + scope + "] of " + node + " is complete: " + taker + " has the resources";
        }
    }

    /** An operator wants groups on a node. */
    record TakeoverRequested(String node, String scope) implements DomainEvent {
        @Override
        public String text() {
            return node + " was asked to take over [" + scope + "]";
        }
    }

    /** This node begins to release everything because it was told to stop. */
    record ShutdownBegun(String node, long pid) implements DomainEvent {
        @Override
        public String text() {
            return "node " + node + " shuts down and releases what it has";
        }
    }

    /** This node that shuts down holds nothing any more. */
    record AllReleased(String node) implements DomainEvent {
        @Override
        public String text() {
            return "node " + node + " has released everything";
        }
    }

    // --- configuration -----------------------------------------------------------------------------------------------

    /**
     * Another node's configuration says something else, or says the same again.
     *
     * @param parts in which they differ; none when they agree
     */
    record ConfigurationDrift(String node, List<String> parts) implements DomainEvent {
        public ConfigurationDrift {
            parts = List.copyOf(parts);
        }

        @Override
        public Severity severity() {
            return parts.isEmpty() ? Severity.INFO : Severity.WARNING;
        }

        @Override
        public String text() {
            return parts.isEmpty()
                    ? "the configuration of " + node + " agrees with this node's"
                    : "the configuration of " + node + " differs from this node's: compare " + String.join(", ", parts)
                            + "; until they agree nothing goes home by itself";
        }
    }

    /** A reload or a reading of one file changed what this node does. */
    record Reloaded(List<String> changes) implements DomainEvent {
        public Reloaded {
            changes = List.copyOf(changes);
        }

        @Override
        public String text() {
            return changes.isEmpty()
                    ? "configuration read again, nothing changed"
                    : "configuration read again: " + String.join("; ", changes);
        }
    }
}
