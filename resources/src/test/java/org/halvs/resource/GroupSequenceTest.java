package org.halvs.resource;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.halvs.resource.GroupSequence.Action;
import org.halvs.resource.GroupSequence.Outcome;
import org.halvs.resource.GroupSequence.Step;
import org.junit.jupiter.api.Test;

/** Groups started and stopped in virtual time. */
class GroupSequenceTest {
    private static final ActionResult FAILED = new ActionResult.Failed(1, "no");
    private static final ActionResult TIMED_OUT = new ActionResult.TimedOut(Duration.ofSeconds(60), "");

    private final List<String> done = new ArrayList<>();
    private final Set<String> running = new LinkedHashSet<>();
    private final Map<String, List<ActionResult>> trouble = new LinkedHashMap<>();
    private Duration waited = Duration.ZERO;

    private static boolean isAddress(ResourceSpec spec) {
        return spec.text().startsWith("ip");
    }

    private static ResourceGroup group(String... names) {
        return new ResourceGroup(
                "lb1",
                Stream.of(names)
                        .map(name -> new ResourceSpec(name, List.of(), name))
                        .toList(),
                1);
    }

    /** The next results of {@code action} of {@code resource} differ from what is expected; the last one stays. */
    private void trouble(String action, ActionResult... results) {
        trouble.put(action, new ArrayList<>(List.of(results)));
    }

    private Outcome run(GroupSequence sequence) {
        Step step = sequence.next();
        for (int steps = 0; steps < 1000; steps++) {
            switch (step) {
                case Step.Run(Action action, List<ResourceSpec> resources) ->
                    step = sequence.answered(resources.stream()
                            .map(resource -> act(action, resource.text()))
                            .toList());
                case Step.Pause(Duration time) -> {
                    waited = waited.plus(time);
                    step = sequence.next();
                }
                case Step.Ended(Outcome outcome) -> {
                    return outcome;
                }
            }
        }
        throw new AssertionError("no end: " + done);
    }

    private ActionResult act(Action action, String name) {
        String what = action.word() + " " + name;
        done.add(what);
        List<ActionResult> wrong = trouble.get(what);
        if (wrong != null && !wrong.isEmpty()) {
            return wrong.size() == 1 ? wrong.getFirst() : wrong.removeFirst();
        }
        return switch (action) {
            case STATUS -> running.contains(name) ? ActionResult.done() : new ActionResult.NotRunning();
            case START -> {
                running.add(name);
                yield ActionResult.done();
            }
            case STOP -> {
                running.remove(name);
                yield ActionResult.done();
            }
        };
    }

    private Outcome start(String... names) {
        return run(GroupSequence.start(group(names), GroupSequenceTest::isAddress, 10));
    }

    private Outcome stop(String... names) {
        return run(GroupSequence.stop(group(names), GroupSequenceTest::isAddress, 10));
    }

    @Test
    void asksBeforeEachStartAndStopsInReverse() {
        running.add("b");
        assertThat(start("a", "b", "c")).isEqualTo(new Outcome.Done());
        assertThat(done).containsExactly("status a", "start a", "status b", "status c", "start c");
        done.clear();
        assertThat(stop("a", "b", "c")).isEqualTo(new Outcome.Done());
        assertThat(done).containsExactly("stop c", "stop b", "stop a");
    }

    @Test
    void neighbouringAddressesGoTogether() {
        GroupSequence sequence = GroupSequence.start(group("ip1", "ip2", "x", "ip3"), GroupSequenceTest::isAddress, 10);
        Step first = sequence.next();
        assertThat(first)
                .isEqualTo(new Step.Run(Action.START, group("ip1", "ip2").resources()));
        assertThat(sequence.answered(List.of(ActionResult.done(), ActionResult.done())))
                .isEqualTo(new Step.Run(Action.STATUS, group("x").resources()));
        assertThat(GroupSequence.stop(group("ip1", "ip2"), GroupSequenceTest::isAddress, 10)
                        .next())
                .isEqualTo(new Step.Run(Action.STOP, group("ip2", "ip1").resources()));
    }

    @Test
    void whatDoesNotStartEndsTheGroupAtOnceAndWhatHadStartedIsStopped() {
        trouble("start b", FAILED);
        assertThat(start("ip1", "b", "c"))
                .isEqualTo(new Outcome.Failed(group("b").resources().getFirst(), Action.START, FAILED, true));
        assertThat(done).containsExactly("start ip1", "status b", "start b", "stop b", "stop ip1");
        assertThat(waited).isZero();
        assertThat(running).isEmpty();
    }

    @Test
    void aStopThatFailsIsForgivenWhenTheResourceSaysThatItDoesNotRun() {
        trouble("start b", FAILED);
        trouble("stop b", FAILED);
        assertThat(start("a", "b")).isInstanceOf(Outcome.Failed.class);
        assertThat(done).containsExactly("status a", "start a", "status b", "start b", "stop b", "status b", "stop a");
        assertThat(waited).isZero();
    }

    @Test
    void aStopThatFailsIsTriedAgainOnceASecondTenTimesAndTheRestIsStoppedAllTheSame() {
        start("a", "b", "c");
        done.clear();
        trouble("stop b", FAILED);
        assertThat(stop("a", "b", "c"))
                .isEqualTo(new Outcome.Failed(group("b").resources().getFirst(), Action.STOP, FAILED, false));
        assertThat(waited).isEqualTo(Duration.ofSeconds(10));
        assertThat(done).filteredOn("stop b"::equals).hasSize(11);
        assertThat(done).startsWith("stop c").endsWith("stop a");
        assertThat(running).containsExactly("b");
    }

    @Test
    void aStopThatWorksTheThirdTimeIsDone() {
        start("a");
        trouble("stop a", FAILED, FAILED, ActionResult.done());
        trouble("status a", ActionResult.done());
        assertThat(stop("a")).isEqualTo(new Outcome.Done());
        assertThat(waited).isEqualTo(Duration.ofSeconds(2));
    }

    @Test
    void aStopThatHangsIsNotTriedAgain() {
        start("a", "b");
        trouble("stop b", TIMED_OUT);
        assertThat(stop("a", "b"))
                .isEqualTo(new Outcome.Failed(group("b").resources().getFirst(), Action.STOP, TIMED_OUT, false));
        assertThat(waited).isZero();
        assertThat(running).containsExactly("b");
    }

    @Test
    void whateverFailsItEndsAndSaysTruly() {
        for (int seed = 0; seed < 3000; seed++) {
            Random random = new Random(seed);
            done.clear();
            running.clear();
            trouble.clear();
            String[] names = Stream.of("ip1", "ip2", "x", "ip3", "y")
                    .limit(1 + random.nextInt(5))
                    .toArray(String[]::new);
            for (String name : names) {
                for (Action action : Action.values()) {
                    switch (random.nextInt(8)) {
                        case 0 -> trouble(action.word() + " " + name, FAILED);
                        case 1 -> trouble(action.word() + " " + name, TIMED_OUT);
                        default -> {}
                    }
                }
            }
            Outcome started = start(names);
            switch (started) {
                case Outcome.Done _ -> assertThat(running).as("seed " + seed).containsExactlyInAnyOrder(names);
                case Outcome.Failed failed -> {
                    assertThat(failed.result()).isNotInstanceOf(ActionResult.Done.class);
                    if (failed.clean()) {
                        assertThat(running).as("seed " + seed).isEmpty();
                    }
                }
            }
            boolean canStop = Stream.of(names)
                    .noneMatch(name -> trouble.containsKey("stop " + name)
                            && (trouble.containsKey("status " + name) || running.contains(name)));
            assertThat(stop(names) instanceof Outcome.Done).as("seed " + seed).isEqualTo(canStop);
        }
    }
}
