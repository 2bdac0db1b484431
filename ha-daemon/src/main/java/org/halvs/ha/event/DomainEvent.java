package org.halvs.ha.event;

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

    /**
     * Another node has read other files than this one.
     *
     * @param parts in what they differ; empty when they agree again
     */
    record ConfigurationDiffers(String node, List<String> parts) implements DomainEvent {
        public ConfigurationDiffers {
            parts = List.copyOf(parts);
        }

        @Override
        public Severity severity() {
            return parts.isEmpty() ? Severity.INFO : Severity.WARNING;
        }

        @Override
        public String text() {
            return parts.isEmpty()
                    ? "the configuration of " + node + " is the same as here again"
                    : "the configuration of " + node + " differs from the one here: " + String.join(", ", parts)
                            + "; make them the same on both and reload";
        }
    }
}
