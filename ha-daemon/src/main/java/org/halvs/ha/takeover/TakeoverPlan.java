package org.halvs.ha.takeover;

import java.util.List;

/**
 * What one node should do now, and where each group stands.
 *
 * @param steps in the order of haresources, at most one for each group
 * @param outlooks one for each group, in the order of haresources
 */
public record TakeoverPlan(List<TakeoverStep> steps, List<Outlook> outlooks) {
    public TakeoverPlan {
        steps = List.copyOf(steps);
        outlooks = List.copyOf(outlooks);
    }

    /**
     * Where a group stands.
     *
     * @param owner who has it or is getting it; empty when nobody
     * @param target who should have it; empty when nobody can, or when that can't be said yet
     * @param wanted whether this node should tell the others that it wants the group
     * @param reason why it is so, or what is being waited for
     */
    public record Outlook(String group, String owner, String target, boolean wanted, String reason) {}
}
