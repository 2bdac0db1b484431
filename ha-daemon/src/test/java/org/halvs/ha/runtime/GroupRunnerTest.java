package org.halvs.ha.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.halvs.ha.runtime.GroupRunner.Outcome;
import org.halvs.resource.ActionResult;
import org.halvs.resource.ResourceAgent;
import org.halvs.resource.ResourceGroup;
import org.halvs.resource.ResourceSpec;
import org.junit.jupiter.api.Test;

class GroupRunnerTest {
    private final List<String> done = Collections.synchronizedList(new ArrayList<>());
    private final ResourceGroup group =
            new ResourceGroup("lb1", List.of(resource("address"), resource("broken-start"), resource("director")), 1);
    private final ResourceGroup good = new ResourceGroup("lb1", List.of(resource("address"), resource("director")), 2);
    private final GroupRunner runner = new GroupRunner(
            List.of(group, good), spec -> spec.text().equals("director") ? new Enclosing(spec) : new Recorded(spec));

    @Test
    void startsInOrderAndStopsInReverse() throws Exception {
        assertThat(outcome(runner::acquire, good)).isInstanceOf(Outcome.Done.class);
        assertThat(outcome(runner::release, good)).isInstanceOf(Outcome.Done.class);
        assertThat(done)
                .containsExactly("begin", "start address", "start director", "stop director", "stop address", "end");
    }

    @Test
    void stopsWhatItStartedWhenOneDoesNotStart() throws Exception {
        assertThat(outcome(runner::acquire, group)).isInstanceOfSatisfying(Outcome.Failed.class, failed -> {
            assertThat(failed.resource().text()).isEqualTo("broken-start");
            assertThat(failed.action()).isEqualTo("start");
            assertThat(failed.text()).isEqualTo("exit status 7: it says why");
        });
        assertThat(done)
                .containsExactly(
                        "begin", "start address", "start broken-start", "stop broken-start", "stop address", "end");
    }

    private static ResourceSpec resource(String name) {
        return new ResourceSpec(name, List.of(), name);
    }

    private static Outcome outcome(BiConsumer<ResourceGroup, Consumer<Outcome>> action, ResourceGroup group)
            throws Exception {
        CompletableFuture<Outcome> outcome = new CompletableFuture<>();
        action.accept(group, outcome::complete);
        return outcome.get(5, TimeUnit.SECONDS);
    }

    private final class Enclosing extends Recorded implements GroupRunner.Enclosing {
        Enclosing(ResourceSpec spec) {
            super(spec);
        }

        @Override
        public void begin() {
            done.add("begin");
        }

        @Override
        public void end() {
            done.add("end");
        }
    }

    private class Recorded implements ResourceAgent {
        private final String name;

        Recorded(ResourceSpec spec) {
            name = spec.text();
        }

        @Override
        public ActionResult start() {
            done.add("start " + name);
            return name.equals("broken-start") ? new ActionResult.Failed(7, "it says why\n") : ActionResult.done();
        }

        @Override
        public ActionResult stop() {
            done.add("stop " + name);
            return ActionResult.done();
        }

        @Override
        public ActionResult status() {
            return new ActionResult.NotRunning();
        }
    }
}
