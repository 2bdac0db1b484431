package org.halvs.ha.takeover;

import static org.halvs.ha.takeover.SimClock.MILLIS;

import org.halvs.linux.IpAddress;
import org.halvs.linux.MacAddress;

/** A claim check on the simulated service network: three questions, an answer of every kernel and every daemon that is reached. */
final class SimClaimCheck {
    private static final long SILENCE = 30 * MILLIS;
    private static final long WITHOUT_DAEMON = 60 * MILLIS;
    private static final long LATENCY = 3 * MILLIS;

    private final SimCluster cluster;
    private final SimNode asker;
    private final TakeoverStep.CheckClaim step;
    private final SimNode.Check check = new SimNode.Check();

    SimClaimCheck(SimCluster cluster, SimNode asker, TakeoverStep.CheckClaim step) {
        this.cluster = cluster;
        this.asker = asker;
        this.step = step;
    }

    void begin() {
        if (!cluster.links.carrier(asker.name)) {
            later(MILLIS, () -> end(new ClaimResult.CannotTell("eth0 has no carrier")));
            return;
        }
        for (long at = 0; at <= 20 * MILLIS; at += 10 * MILLIS) {
            later(at, this::ask);
        }
        later(SILENCE, () -> {
            if (check.answeredBy.isEmpty()) {
                end(new ClaimResult.Free());
            }
        });
        later(
                WITHOUT_DAEMON,
                () -> end(new ClaimResult.AnsweredWithoutDaemon(
                        IpAddress.of("192.0.2.1"), new MacAddress(check.answeredBy.hashCode() & 0xffff))));
    }

    private void later(long inNanos, Runnable work) {
        cluster.clock.later(inNanos + 1, () -> cluster.whenAwake(asker, work));
    }

    private void ask() {
        ClaimAnswer mine = asker.ownership.claimAnswer(step.group(), cluster.clock.nowNanos());
        for (String machine : cluster.rules.nodes()) {
            if (!machine.equals(asker.name) && cluster.links.service(asker.name, machine)) {
                cluster.clock.later(cluster.clock.jitter(LATENCY), () -> arrive(machine, mine));
            }
        }
    }

    private void arrive(String machine, ClaimAnswer mine) {
        if (step.probe() && cluster.kernel(machine).contains(step.group())) {
            back(machine, () -> check.answeredBy = machine);
        }
        SimNode other = cluster.nodes.get(machine);
        if (other == null) {
            return;
        }
        cluster.whenAwake(other, () -> {
            ClaimAnswer theirs = other.ownership.claimAnswer(step.group(), cluster.clock.nowNanos());
            ClaimAnswer said = other.slept && theirs.state() == ClaimState.HAS
                    ? new ClaimAnswer(ClaimState.DOUBTS, theirs.heldMillis(), theirs.configHash())
                    : theirs;
            cluster.input(other, o -> o.asked(asker.name, step.group(), mine, cluster.clock.nowNanos()));
            back(machine, () -> answered(machine, said));
        });
    }

    private void back(String machine, Runnable answer) {
        if (cluster.links.service(machine, asker.name)) {
            later(cluster.clock.jitter(LATENCY), answer);
        }
    }

    private void answered(String machine, ClaimAnswer answer) {
        check.daemons.put(machine, answer);
        if (answer.state() == ClaimState.HAS) {
            end(new ClaimResult.HeldByLiveDaemon(machine));
        }
    }

    private void end(ClaimResult result) {
        if (!check.done) {
            check.done = true;
            cluster.say(() -> asker.name + " found out about " + step.group() + ": " + result + " " + check.daemons);
            ClaimReport report = new ClaimReport(step.group(), result, check.daemons);
            cluster.input(asker, o -> o.claimChecked(step, report, cluster.clock.nowNanos()));
        }
    }
}
