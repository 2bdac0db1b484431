package org.halvs.ha.runtime;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.halvs.ha.cluster.GroupOutcome;
import org.halvs.resource.ActionResult;
import org.halvs.resource.GroupHealth;
import org.halvs.resource.GroupHealth.Verdict;
import org.halvs.resource.GroupSequence.Action;
import org.halvs.resource.ResourceGroup;
import org.halvs.resource.ResourceSpec;

/** Asks the resources of one held group how they are, and mends what does not run, as {@link GroupHealth} says. Runs under the lock of the group's lane. */
final class HeldGroupCheck {
    private final AgentCalls calls;
    private final ResourceGroup group;
    private final Lane lane;
    private final ResourceFindings findings;
    private final Supplier<GroupOutcome> stop;

    /** @param stop stops the group whole */
    HeldGroupCheck(
            AgentCalls calls, ResourceGroup group, Lane lane, ResourceFindings findings, Supplier<GroupOutcome> stop) {
        this.calls = calls;
        this.group = group;
        this.lane = lane;
        this.findings = findings;
        this.stop = stop;
    }

    /** Ends early when the group is not held any more, or when somebody has something urgent to do with it. */
    void run() {
        for (List<ResourceSpec> resources : questions()) {
            GroupHealth health = lane.health;
            if (health == null || !lane.ask()) {
                return;
            }
            List<ActionResult> answers;
            boolean counts;
            try {
                answers = calls.quietly(Action.STATUS, resources);
            } finally {
                counts = lane.asked();
            }
            for (int i = 0; counts && lane.health != null && i < resources.size(); i++) {
                ResourceSpec resource = resources.get(i);
                judged(resource, health.answered(resource, answers.get(i), System.nanoTime()));
            }
        }
    }

    private List<List<ResourceSpec>> questions() {
        Set<ResourceSpec> joined = calls.joined(group);
        List<List<ResourceSpec>> questions = new ArrayList<>();
        if (!joined.isEmpty()) {
            questions.add(List.copyOf(joined));
        }
        group.resources().stream()
                .filter(resource -> !joined.contains(resource))
                .forEach(resource -> questions.add(List.of(resource)));
        return questions;
    }

    private void judged(ResourceSpec resource, Verdict verdict) {
        switch (verdict) {
            case Verdict.Well _ -> {}
            case Verdict.Odd(String text) -> findings.odd(group, resource, text);
            case Verdict.Restart(String why, boolean stopFirst) -> {
                if (stopFirst) {
                    calls.perform(group, Action.STOP, List.of(resource));
                }
                ActionResult result =
                        calls.perform(group, Action.START, List.of(resource)).getFirst();
                if (GroupHealth.restarted(result) instanceof Verdict.Lost(String failure)) {
                    lose(resource, why + " and " + failure);
                } else {
                    findings.restarted(group, resource, why);
                }
            }
            case Verdict.Lost(String why) -> lose(resource, why);
        }
    }

    private void lose(ResourceSpec resource, String why) {
        lane.health = null;
        findings.lost(group, resource, why, stop.get());
    }
}
