package org.halvs.ha.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.halvs.ha.cluster.GroupOutcome;
import org.halvs.resource.ActionResult;
import org.halvs.resource.GroupSequence;
import org.halvs.resource.ResourceAgent;
import org.halvs.resource.ResourceGroup;
import org.halvs.resource.ResourceSpec;
import org.junit.jupiter.api.Test;

class GroupRunnerTest {
    private final List<String> done = Collections.synchronizedList(new ArrayList<>());
    private final Set<String> running = ConcurrentHashMap.newKeySet();
    private final Set<String> broken = ConcurrentHashMap.newKeySet();
    private final Set<String> hanging = ConcurrentHashMap.newKeySet();
    private final BlockingQueue<String> asked = new LinkedBlockingQueue<>();
    private final ResourceGroup group =
            new ResourceGroup("lb1", List.of(resource("address"), resource("broken-start"), resource("director")), 1);
    private final ResourceGroup good = new ResourceGroup("lb1", List.of(resource("address"), resource("director")), 2);
    private final GroupRunner runner = runner(Together.NONE);
    private final GroupRunner handing = runner(new Addresses());

    private GroupRunner runner(Together together) {
        return new GroupRunner(
                List.of(group, good),
                new AgentCalls(
                        spec -> spec.text().equals("director") ? new Surrounding(spec) : new Recorded(spec),
                        together,
                        (ofGroup, resources, action, results, tookMillis) -> {}));
    }

    @Test
    void startsInOrderAndStopsInReverse() throws Exception {
        assertThat(outcome(runner::acquire, good)).isInstanceOf(GroupOutcome.Done.class);
        assertThat(outcome(runner::release, good)).isInstanceOf(GroupOutcome.Done.class);
        assertThat(done)
                .containsExactly("begin", "start address", "start director", "stop director", "stop address", "end");
    }

    /** What is still sent here is forwarded to the end: the director goes with the last address, not with the first step. */
    @Test
    void whatIsHandedOverLingersUntilItIsLetGo() throws Exception {
        outcome(handing::acquire, good);
        done.clear();
        assertThat(outcome(handing::handOver, good)).isInstanceOf(GroupOutcome.Done.class);
        assertThat(done).containsExactly("stop director", "fade address");
        assertThat(outcome(handing::letGo, good)).isInstanceOf(GroupOutcome.Done.class);
        assertThat(done).endsWith("STOP address", "end");
        done.clear();
        assertThat(outcome(handing::letGo, good)).isInstanceOf(GroupOutcome.Done.class);
        assertThat(done).as("nothing lingers any more").isEmpty();
    }

    @Test
    void whatComesBackMeanwhileIsNotLetGo() throws Exception {
        outcome(handing::acquire, good);
        outcome(handing::handOver, good);
        outcome(handing::acquire, good);
        done.clear();
        assertThat(outcome(handing::letGo, good)).isInstanceOf(GroupOutcome.Done.class);
        assertThat(done).isEmpty();
    }

    @Test
    void stopsWhatItStartedWhenOneDoesNotStart() throws Exception {
        assertThat(outcome(runner::acquire, group)).isInstanceOfSatisfying(GroupOutcome.Failed.class, failed -> {
            assertThat(failed.resource().text()).isEqualTo("broken-start");
            assertThat(failed.action()).isEqualTo("start");
            assertThat(failed.text()).isEqualTo("exit status 7: it says why");
            assertThat(failed.clean()).isTrue();
        });
        assertThat(done)
                .containsExactly(
                        "begin", "start address", "start broken-start", "stop broken-start", "stop address", "end");
    }

    @Test
    void restartsInPlaceWhatNoLongerRunsAndGivesUpWhatDoesNotStartAgain() throws Exception {
        outcome(runner::acquire, good);
        assertThat(checked(good, 1)).isEmpty();
        running.remove("address");
        assertThat(checked(good, 1)).containsExactly("restarted address: it does not run any more");
        running.remove("address");
        broken.add("address");
        assertThat(checked(good, 1))
                .containsExactly("lost address: it does not run any more and it does not start again: exit status 7: "
                        + "it says why, Done");
        assertThat(running).isEmpty();
        assertThat(done).endsWith("stop director", "stop address", "end");
        assertThat(checked(good, 0)).as("not held any more").isEmpty();
    }

    @Test
    void releaseDoesNotWaitForTheAnswerToAQuestion() throws Exception {
        outcome(runner::acquire, good);
        hanging.add("address");
        runner.check(good, new Recorder(new LinkedBlockingQueue<>()));
        assertThat(asked.poll(5, TimeUnit.SECONDS)).isEqualTo("address");
        assertThat(outcome(runner::release, good)).isInstanceOf(GroupOutcome.Done.class);
        assertThat(running).isEmpty();
    }

    /** What one check found; waits for {@code count} questions to be answered. */
    private List<String> checked(ResourceGroup ofGroup, int count) throws InterruptedException {
        BlockingQueue<String> found = new LinkedBlockingQueue<>();
        asked.clear();
        runner.check(ofGroup, new Recorder(found));
        if (count == 0) {
            assertThat(asked.poll(100, TimeUnit.MILLISECONDS)).isNull();
            return List.of();
        }
        assertThat(asked.poll(5, TimeUnit.SECONDS)).isEqualTo("address");
        awaitIdle(ofGroup);
        return List.copyOf(found);
    }

    private static void awaitIdle(ResourceGroup ofGroup) throws InterruptedException {
        for (Thread thread : Thread.getAllStackTraces().keySet()) {
            if (thread.getName().equals("check-" + ofGroup.key())) {
                thread.join(5000);
            }
        }
    }

    private record Recorder(BlockingQueue<String> found) implements ResourceFindings {
        @Override
        public void odd(ResourceGroup group, ResourceSpec resource, String text) {
            found.add("odd " + resource + ": " + text);
        }

        @Override
        public void restarted(ResourceGroup group, ResourceSpec resource, String why) {
            found.add("restarted " + resource + ": " + why);
        }

        @Override
        public void lost(ResourceGroup group, ResourceSpec resource, String why, GroupOutcome stopped) {
            found.add(
                    "lost " + resource + ": " + why + ", " + stopped.getClass().getSimpleName());
        }
    }

    private static ResourceSpec resource(String name) {
        return new ResourceSpec(name, List.of(), name);
    }

    private static GroupOutcome outcome(BiConsumer<ResourceGroup, Consumer<GroupOutcome>> action, ResourceGroup group)
            throws Exception {
        CompletableFuture<GroupOutcome> outcome = new CompletableFuture<>();
        action.accept(group, outcome::complete);
        return outcome.get(5, TimeUnit.SECONDS);
    }

    private final class Addresses implements Together {
        @Override
        public boolean takes(ResourceSpec resource) {
            return resource.text().equals("address");
        }

        @Override
        public List<ActionResult> run(GroupSequence.Action action, List<ResourceSpec> resources) {
            return told(action.name(), resources);
        }

        @Override
        public List<ActionResult> fade(List<ResourceSpec> resources) {
            return told("fade", resources);
        }

        private List<ActionResult> told(String what, List<ResourceSpec> resources) {
            resources.forEach(resource -> done.add(what + " " + resource));
            return Collections.nCopies(resources.size(), ActionResult.done());
        }

        @Override
        public void announce() {}
    }

    private final class Surrounding extends Recorded implements Enclosing {
        Surrounding(ResourceSpec spec) {
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
            if (name.equals("broken-start") || broken.contains(name)) {
                return new ActionResult.Failed(7, "it says why\n");
            }
            running.add(name);
            return ActionResult.done();
        }

        @Override
        public ActionResult stop() {
            done.add("stop " + name);
            running.remove(name);
            return ActionResult.done();
        }

        @Override
        public ActionResult status() {
            asked.add(name);
            if (hanging.contains(name)) {
                try {
                    Thread.sleep(60_000);
                } catch (InterruptedException _) {
                    return new ActionResult.Failed(1, "interrupted");
                }
            }
            return running.contains(name) ? ActionResult.done() : new ActionResult.NotRunning();
        }
    }
}
