package org.halvs.director;

import java.util.List;
import org.halvs.ipvs.ForwardingTable;

/**
 * What came of telling the director something.
 *
 * @param table what the table should be now; a new revision only when {@code changed}
 * @param events what was decided and why, in the order in which it was decided
 * @param effects what to do besides, in that order
 */
public record DirectorStep(
        ForwardingTable table, boolean changed, List<DirectorEvent> events, List<DirectorEffect> effects) {
    public DirectorStep {
        events = List.copyOf(events);
        effects = List.copyOf(effects);
    }
}
