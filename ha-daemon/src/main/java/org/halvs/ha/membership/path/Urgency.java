package org.halvs.ha.membership.path;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Optional;
import org.halvs.ha.config.ClusterConfig;
import org.halvs.linux.LinuxException;
import org.halvs.linux.ThreadScheduling;
import org.halvs.linux.ThreadScheduling.NativeThread;

/**
 * Makes the threads {@code paths} and {@code control} run when they have to, on a machine that is busy: real-time scheduling as heartbeat's, unless ha.cf says
 * {@code realtime off}. The same for the threads of the virtual machine that stop all others now and then: while such a one waits for a processor,
 * {@code paths} waits too.
 *
 * @param priority of {@code SCHED_RR}, 1 to 99, for {@code paths}; 0 for none. What is decided comes one below
 */
public record Urgency(int priority) {
    private static final Logger LOG = System.getLogger(Urgency.class.getName());
    /** One above heartbeat's, as observed, so that there is one below. */
    private static final int DEFAULT_PRIORITY = 2;

    /** {@code realtime} and {@code rtprio} of ha.cf. */
    public static Urgency of(ClusterConfig config) {
        boolean realTime = config.directive("realtime")
                .map(line -> line.arguments().getLast().toLowerCase(java.util.Locale.ROOT))
                .map(word -> switch (word) {
                    case "false", "off", "no", "n", "0" -> false;
                    default -> true;
                })
                .orElse(true);
        int priority = config.directive("rtprio")
                .map(line -> Integer.parseInt(line.arguments().getLast()))
                .orElse(DEFAULT_PRIORITY);
        return new Urgency(realTime ? priority : 0);
    }

    /** For the calling thread and those of the virtual machine. What they start is not urgent. */
    void raise() {
        if (priority == 0) {
            return;
        }
        Optional<LinuxException> refused = ThreadScheduling.realTime(priority);
        if (refused.isPresent()) {
            LOG.log(
                    Level.WARNING,
                    "no real-time scheduling: {0}; on a busy machine heartbeats may be late",
                    refused.get().getMessage());
            return;
        }
        for (NativeThread thread : ThreadScheduling.threads()) {
            if (stopsOthers(thread.name())) {
                ThreadScheduling.realTime(thread, priority)
                        .ifPresent(why -> LOG.log(Level.WARNING, "no real-time scheduling: {0}", why.getMessage()));
            }
        }
    }

    /** For the calling thread, when it decides what {@code paths} has found. It is not told that this is refused: {@link #raise} does that. */
    public void raiseBelow() {
        if (priority > 0) {
            Optional<LinuxException> _ = ThreadScheduling.realTime(Math.max(1, priority - 1));
        }
    }

    /** The names HotSpot gives to what runs or collects at a safepoint. */
    private static boolean stopsOthers(String name) {
        return name.equals("VM Thread") || name.startsWith("GC Thread") || name.startsWith("ZWorker");
    }
}
