package org.halvs.ha.cluster;

import org.halvs.resource.GroupSequence;
import org.halvs.resource.ResourceSpec;

/** What came of starting or stopping a group. */
public sealed interface GroupOutcome {

    /** The group runs here, or was stopped, whole. */
    record Done(long tookMillis) implements GroupOutcome {}

    /**
     * It does not, or was not.
     *
     * @param action what failed, in the word scripts have for it
     * @param text one line: what went wrong, with the last lines the script said
     * @param clean whether nothing of the group runs here any more
     */
    record Failed(ResourceSpec resource, String action, String text, boolean clean) implements GroupOutcome {}

    /** How a sequence has ended. */
    static GroupOutcome of(GroupSequence.Outcome outcome, long tookMillis) {
        return switch (outcome) {
            case GroupSequence.Outcome.Done() -> new Done(tookMillis);
            case GroupSequence.Outcome.Failed failed ->
                new Failed(
                        failed.resource(),
                        failed.action().word(),
                        failed.result().text(),
                        failed.clean());
        };
    }
}
