package org.halvs.resource.builtin;

import java.util.List;
import org.halvs.resource.ActionResult;
import org.halvs.resource.ResourceAgent;

/**
 * {@code LVSSyncDaemonSwap::master}: this node has the named part in the synchronisation of connections while it holds
 * the group, and the other part when it does not.
 */
public final class SyncAgent implements ResourceAgent {
    private final List<String> arguments;
    private final SyncRole role;
    private boolean started;

    /** An agent for the arguments of haresources; wrong ones make one that never starts and says why. */
    public SyncAgent(List<String> arguments, SyncRole role) {
        this.arguments = List.copyOf(arguments);
        this.role = role;
    }

    @Override
    public ActionResult start() {
        if (!arguments.equals(List.of("master")) && !arguments.equals(List.of("backup"))) {
            return new ActionResult.Failed(
                    2, "LVSSyncDaemonSwap: '" + String.join("::", arguments) + "' is neither master nor backup");
        }
        started = true;
        role.take(held() ? SyncRole.Role.MASTER : SyncRole.Role.BACKUP);
        return ActionResult.done();
    }

    private boolean held() {
        return arguments.equals(List.of("master"));
    }

    @Override
    public ActionResult stop() {
        if (started) {
            started = false;
            role.take(held() ? SyncRole.Role.BACKUP : SyncRole.Role.MASTER);
        }
        return ActionResult.done();
    }

    @Override
    public ActionResult status() {
        return started ? ActionResult.done() : new ActionResult.NotRunning();
    }
}
