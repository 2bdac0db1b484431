package org.halvs.ha.arbitration;

import java.util.function.Consumer;

/** Resets other machines. Thread-safe. */
public interface Fencing extends AutoCloseable {

    /** What came of it. */
    sealed interface Outcome {
        /** The machine was reset, or is off. As the answer to a status request: the device works. */
        record Done() implements Outcome {}

        /**
         * It was not, as far as anybody knows.
         *
         * @param text one line, without passwords
         */
        record Failed(String text) implements Outcome {}
    }

    /** Resets {@code node}; {@code done} is called on a thread of this, once. */
    void reset(String node, Consumer<Outcome> done);

    /** Asks the devices whether they work; {@code done} is called on a thread of this, once for each that has a status. */
    void status(Consumer<Outcome> done);

    @Override
    void close();
}
