package org.halvs.ha.takeover;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/** Which nodes are being reset, and which resets failed and are to be tried again. Confined to the control loop. */
final class Resets {
    /** As heartbeat: a reset that failed is tried again. */
    static final long RETRY_NANOS = 5_000_000_000L;

    private static final class Reset {
        boolean running;
        int failures;
        long retryNanos;
        String trouble = "";
    }

    private final Map<String, Reset> resets = new LinkedHashMap<>();

    /**
     * What waiting for a reset looks like.
     *
     * @param begin whether it is to begin now
     */
    record Pending(String obstacle, boolean begin) {}

    /** A node has to be reset; one that is being reset, or was a moment ago in vain, is waited for. */
    Pending request(String node, long nowNanos) {
        Reset reset = resets.computeIfAbsent(node, _ -> new Reset());
        String trouble = reset.failures == 0
                ? ""
                : "; " + reset.failures + (reset.failures == 1 ? " attempt" : " attempts") + " failed, the last: "
                        + reset.trouble;
        boolean begin = !reset.running && (reset.failures == 0 || nowNanos - reset.retryNanos >= 0);
        reset.running |= begin;
        return new Pending("waiting until " + node + " has been reset" + trouble, begin);
    }

    void succeeded(String node) {
        resets.remove(node);
    }

    void failed(String node, String trouble, long nowNanos) {
        Reset reset = resets.computeIfAbsent(node, _ -> new Reset());
        reset.running = false;
        reset.failures++;
        reset.trouble = trouble;
        reset.retryNanos = nowNanos + RETRY_NANOS;
    }

    /** Forgets nodes that need no reset any more, but for those that are being reset. */
    void forget(Predicate<String> needless) {
        resets.entrySet().removeIf(e -> needless.test(e.getKey()) && !e.getValue().running);
    }

    /** When failed resets are to be tried again. */
    List<Long> wakeups() {
        return resets.values().stream()
                .filter(reset -> reset.failures > 0 && !reset.running)
                .map(reset -> reset.retryNanos)
                .toList();
    }
}
