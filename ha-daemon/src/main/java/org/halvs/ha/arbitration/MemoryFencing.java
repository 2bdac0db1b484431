package org.halvs.ha.arbitration;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** {@link Fencing} that resets nothing and answers, at once, as it was told to. Thread-safe. */
public final class MemoryFencing implements Fencing {
    private final List<String> reset = new ArrayList<>();
    private Outcome next = new Outcome.Done();

    /** What every request comes to from now on. */
    public synchronized void answer(Outcome outcome) {
        next = outcome;
    }

    /** Who was to be reset so far. */
    public synchronized List<String> reset() {
        return List.copyOf(reset);
    }

    @Override
    public synchronized void reset(String node, Consumer<Outcome> done) {
        reset.add(node);
        done.accept(next);
    }

    @Override
    public synchronized void status(Consumer<Outcome> done) {
        done.accept(next);
    }

    @Override
    public void close() {}
}
