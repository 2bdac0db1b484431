package org.halvs.ha.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.halvs.resource.ActionResult;
import org.halvs.resource.ResourceAgent;
import org.halvs.resource.ResourceGroup;
import org.halvs.resource.ResourceSpec;
import org.junit.jupiter.api.Test;

class TakeoverRehearsalTest {
    private final List<String> done = Collections.synchronizedList(new ArrayList<>());

    private ResourceAgent agent(ResourceSpec spec) {
        return new ResourceAgent() {
            @Override
            public ActionResult start() {
                done.add("start " + spec.text());
                return ActionResult.done();
            }

            @Override
            public ActionResult stop() {
                done.add("stop " + spec.text());
                return ActionResult.done();
            }

            @Override
            public ActionResult status() {
                return new ActionResult.NotRunning();
            }
        };
    }

    @Test
    void everyRoundTakesAndGivesEveryGroup() {
        List<ResourceGroup> groups = List.of(group("one"), group("two"));
        try (TakeoverRehearsal rehearsal = new TakeoverRehearsal(groups, this::agent, Together.NONE)) {
            for (int round = 0; round < 5; round++) {
                done.clear();
                assertThat(rehearsal.round()).as("round %d", round).isTrue();
                assertThat(done).filteredOn("start one"::equals).hasSize(2);
                assertThat(done).contains("start two");
                if (round > 0) {
                    assertThat(done).as("the standby had them").contains("stop one", "stop two");
                }
            }
        }
    }

    private static ResourceGroup group(String name) {
        return new ResourceGroup("lb1", List.of(new ResourceSpec(name, List.of(), name)), 1);
    }
}
