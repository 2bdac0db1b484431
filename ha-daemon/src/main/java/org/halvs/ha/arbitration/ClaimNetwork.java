package org.halvs.ha.arbitration;

import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.halvs.ha.takeover.ClaimAnswer;
import org.halvs.ha.takeover.ClaimReport;

/** Asks on the groups' own networks who has them, and answers when others ask. Thread-safe. */
public interface ClaimNetwork extends AutoCloseable {

    /** Hears of questions; called on a thread of the network, and must return at once. */
    @FunctionalInterface
    interface Listener {
        /** The daemon of {@code node} asked who has {@code group}, and said what it has to do with it itself. */
        void asked(String node, String group, ClaimAnswer asking);
    }

    /**
     * What to answer from now on. An answer that says {@link org.halvs.ha.takeover.ClaimState#HAS} turns into doubt when nothing is published for so long that this
     * node may have been asleep.
     */
    void publish(Map<String, ClaimAnswer> answers);

    /**
     * Asks, without waiting. Each question gets one report, on a thread of the network: at once when a daemon says that it has the group, after 30 ms of silence
     * else, after 60 ms when somebody answers for an address and no daemon stands behind it.
     */
    void check(List<ClaimQuestion> questions, Consumer<ClaimReport> done);

    @Override
    void close();
}
