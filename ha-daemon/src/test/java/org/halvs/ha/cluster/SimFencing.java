package org.halvs.ha.cluster;

import static org.halvs.ha.cluster.SimClock.MILLIS;

import java.util.function.Consumer;
import org.halvs.ha.arbitration.Fencing;

/** Reset devices: slow, and now and then one does not answer. One that does not answer for longer is broken, and then nobody can know anything. */
final class SimFencing implements Fencing {
    private static final int MOST_FAILURES = 3;

    private final SimCluster world;
    private final SimNode by;
    private int failures;

    SimFencing(SimCluster world, SimNode by) {
        this.world = world;
        this.by = by;
    }

    @Override
    public void reset(String node, Consumer<Outcome> done) {
        world.clock.later(200 * MILLIS + world.clock.jitter(800 * MILLIS), () -> {
            boolean works = world.isCalm() || failures >= MOST_FAILURES || !world.clock.chance(0.2);
            failures = works ? 0 : failures + 1;
            world.say(() -> by.name + (works ? " has reset " : " could not reset ") + node);
            if (works && by.alive) {
                world.powerOff(node);
            }
            by.whenAwake(() -> done.accept(works ? new Outcome.Done() : new Outcome.Failed("no answer")));
        });
    }

    @Override
    public void status(Consumer<Outcome> done) {}

    @Override
    public void close() {}
}
