package org.halvs.ha.runtime;

import java.util.List;
import org.halvs.resource.ActionResult;
import org.halvs.resource.GroupSequence.Action;
import org.halvs.resource.ResourceSpec;

/** Resources that are started, stopped and asked many at a time: the addresses. */
interface Together {
    /** Whether this is one of them. */
    boolean takes(ResourceSpec resource);

    /** One result for each resource, in their order. */
    List<ActionResult> run(Action action, List<ResourceSpec> resources);

    /** Stops them for everybody but those who still send here; {@link Action#STOP} ends that. One result for each. */
    List<ActionResult> fade(List<ResourceSpec> resources);

    /** Tells the network again where all of them are that run. */
    void announce();

    /** There are none. */
    Together NONE = new Together() {
        @Override
        public boolean takes(ResourceSpec resource) {
            return false;
        }

        @Override
        public List<ActionResult> run(Action action, List<ResourceSpec> resources) {
            throw new IllegalStateException("none of " + resources + " is taken together");
        }

        @Override
        public List<ActionResult> fade(List<ResourceSpec> resources) {
            throw new IllegalStateException("none of " + resources + " is taken together");
        }

        @Override
        public void announce() {}
    };
}
