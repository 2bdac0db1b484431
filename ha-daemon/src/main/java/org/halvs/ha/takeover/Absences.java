package org.halvs.ha.takeover;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.halvs.ha.membership.ClusterView;
import org.halvs.ha.membership.Departure;

/** The nodes of ha.cf that are not in this node's view, and what they may be doing meanwhile. Confined to the control loop. */
final class Absences {

    /** How a node came to be missing. */
    enum How {
        /** It was never seen since this node started. */
        NEVER_SEEN,
        /** It said that it leaves. */
        LEFT,
        /** Its process ended; its kernel may still answer for what it held. */
        PROCESS_ENDED,
        /** It went silent on every path. */
        SILENT,
        /** It was reset. */
        FENCED
    }

    /** @param company whether a node that may live was missing at the same time: a new life of this one may have joined it, and has what they agreed on */
    private record Absence(How how, long sinceNanos, boolean company) {
        boolean maybeAlive() {
            return how == How.SILENT || how == How.NEVER_SEEN;
        }
    }

    private final String local;
    private final Map<String, Absence> absent = new LinkedHashMap<>();
    /** Nodes that were members once. */
    private final TreeSet<String> met = new TreeSet<>();

    Absences(String local) {
        this.local = local;
    }

    void viewInstalled(TakeoverRules rules, ClusterView view, long nowNanos) {
        for (String node : rules.nodes()) {
            if (view.contains(node)) {
                absent.remove(node);
                met.add(node);
                continue;
            }
            Departure told = view.departed().get(node);
            How how = told != null ? how(told) : met.contains(node) ? How.SILENT : How.NEVER_SEEN;
            if (told != null) {
                absent.put(node, new Absence(how, nowNanos, false));
            } else {
                absent.putIfAbsent(node, new Absence(how, nowNanos, false));
            }
        }
        absent.keySet().removeIf(node -> !rules.nodes().contains(node));
        absent.remove(local);
        noteCompany();
    }

    private void noteCompany() {
        absent.replaceAll((node, absence) -> {
            boolean company = absent.entrySet().stream()
                    .anyMatch(other ->
                            !other.getKey().equals(node) && other.getValue().maybeAlive());
            return new Absence(absence.how, absence.sinceNanos, absence.company || company);
        });
    }

    /** Nobody waits for what is no node any more. */
    void retain(List<String> nodes) {
        absent.keySet().retainAll(nodes);
    }

    private static How how(Departure departure) {
        return switch (departure) {
            case LEFT -> How.LEFT;
            case PROCESS_ENDED -> How.PROCESS_ENDED;
            case SILENT -> How.SILENT;
        };
    }

    void fenced(String node, long nowNanos) {
        absent.computeIfPresent(node, (_, _) -> new Absence(How.FENCED, nowNanos, false));
        noteCompany();
    }

    boolean met(String node) {
        return met.contains(node);
    }

    boolean isAbsent(String node) {
        return absent.containsKey(node);
    }

    /** How a missing node went; only for {@link #isAbsent} nodes. */
    How how(String node) {
        Absence absence = absent.get(node);
        if (absence == null) {
            throw new IllegalStateException(node + " is not missing");
        }
        return absence.how;
    }

    /** Whether a node that may live, and may own something, is not heard: nobody knows which side of a cut this is. */
    boolean cut(TakeoverRules rules) {
        return absent.entrySet().stream()
                .filter(e -> !rules.isWitness(e.getKey()))
                .anyMatch(e -> e.getValue().maybeAlive());
    }

    /**
     * The missing nodes that may have a group. One that left, was reset or whose process ended has none for as long as a new life of it would wait for
     * others, initdead; but it does not wait when it meets a node that this one does not hear.
     */
    List<String> mayOwn(TakeoverRules rules, long nowNanos) {
        List<String> suspects = new ArrayList<>();
        absent.forEach((node, absence) -> {
            boolean fresh = nowNanos - absence.sinceNanos < rules.initdead().toNanos();
            boolean gone = !absence.maybeAlive() && fresh && !absence.company;
            if (!rules.isWitness(node) && !gone) {
                suspects.add(node);
            }
        });
        return suspects;
    }

    /** The missing nodes that went this way. */
    List<String> that(How how) {
        return absent.entrySet().stream()
                .filter(e -> e.getValue().how == how)
                .map(Map.Entry::getKey)
                .toList();
    }

    /** {@code all heartbeat paths to bob are silent}, for a reason text. */
    String describe(String node) {
        return switch (how(node)) {
            case NEVER_SEEN -> node + " was not seen since the start";
            case LEFT -> node + " has left";
            case PROCESS_ENDED -> "the daemon on " + node + " has ended";
            case SILENT -> "all heartbeat paths to " + node + " are silent";
            case FENCED -> node + " was reset";
        };
    }
}
