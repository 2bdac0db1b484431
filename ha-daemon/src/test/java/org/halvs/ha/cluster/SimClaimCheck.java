package org.halvs.ha.cluster;

import static org.halvs.ha.cluster.SimClock.MILLIS;

import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.halvs.ha.arbitration.ClaimProbe;
import org.halvs.ha.arbitration.ClaimQuestion;
import org.halvs.ha.takeover.ClaimAnswer;
import org.halvs.ha.takeover.ClaimReport;
import org.halvs.ha.takeover.ClaimResult;
import org.halvs.linux.IpAddress;
import org.halvs.linux.MacAddress;

/** A claim check on the simulated service network: three rounds of questions, an answer of every kernel and every daemon that is reached. */
final class SimClaimCheck {
    private static final int ROUNDS = 3;
    private static final long ROUND = 10 * MILLIS;
    private static final long LATENCY = 3 * MILLIS;
    private static final IpAddress ADDRESS = IpAddress.of("192.0.2.1");

    private final SimCluster world;
    private final SimNode asker;
    private final ClaimQuestion question;
    private final Consumer<ClaimReport> done;
    private final ClaimProbe probe;
    private final long begunNanos;
    private int rounds;
    private boolean over;

    SimClaimCheck(SimCluster world, SimNode asker, ClaimQuestion question, Consumer<ClaimReport> done) {
        this.world = world;
        this.asker = asker;
        this.question = question;
        this.done = done;
        this.probe = new ClaimProbe(question.group(), Set.of(ADDRESS), Set.of(), question.patient());
        this.begunNanos = world.clock.nowNanos();
    }

    void begin() {
        world.say(
                () -> asker.name + " asks who has " + question.group() + (question.probe() ? ", and its address" : ""));
        if (world.links.carrier(asker.name)) {
            later(1, this::ask);
        } else {
            later(
                    MILLIS,
                    () -> end(new ClaimReport(
                            question.group(), new ClaimResult.CannotTell("eth0 has no carrier"), Map.of())));
        }
    }

    private void later(long inNanos, Runnable work) {
        world.clock.later(Math.max(1, inNanos), () -> asker.whenAwake(work));
    }

    private long elapsed() {
        return world.clock.nowNanos() - begunNanos;
    }

    private void ask() {
        if (over) {
            return;
        }
        rounds++;
        ClaimAnswer mine = asker.claims.answer(question.group());
        for (String machine : world.nodeNames()) {
            if (!machine.equals(asker.name) && world.links.service(asker.name, machine)) {
                world.clock.later(world.clock.jitter(LATENCY), () -> arrive(machine, mine));
            }
        }
        if (rounds < ROUNDS) {
            later(rounds * ROUND - elapsed(), this::ask);
        } else {
            later(Math.max(ROUND, ClaimProbe.SILENCE_NANOS - elapsed()), this::listen);
        }
    }

    /** Nothing came for long enough, or it is time to give up on a daemon. */
    private void listen() {
        look(elapsed());
        if (!over) {
            later(
                    (question.patient() ? ClaimProbe.PATIENCE_NANOS : ClaimProbe.WITHOUT_DAEMON_NANOS) - elapsed(),
                    this::listen);
        }
    }

    private void arrive(String machine, ClaimAnswer mine) {
        if (question.probe() && world.kernel(machine).contains(question.group())) {
            back(machine, () -> probe.located(ADDRESS, new MacAddress(machine.hashCode() & 0xffff)));
        }
        SimNode other = world.nodes.get(machine);
        if (other != null) {
            other.whenAwake(() -> {
                ClaimAnswer theirs = other.claims.asked(asker.name, question.group(), mine);
                back(machine, () -> {
                    probe.answered(machine, theirs);
                    look(0);
                });
            });
        }
    }

    private void back(String machine, Runnable answer) {
        if (world.links.service(machine, asker.name)) {
            later(world.clock.jitter(LATENCY), answer);
        }
    }

    private void look(long elapsedNanos) {
        if (!over) {
            probe.report(elapsedNanos).ifPresent(this::end);
        }
    }

    private void end(ClaimReport report) {
        over = true;
        world.say(() ->
                asker.name + " found out about " + report.group() + ": " + report.result() + " " + report.daemons());
        done.accept(report);
    }
}
