package org.halvs.ha.arbitration;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.halvs.ha.takeover.ClaimAnswer;
import org.halvs.ha.takeover.ClaimReport;
import org.halvs.ha.takeover.ClaimResult;
import org.halvs.ha.takeover.ClaimState;
import org.halvs.linux.IpAddress;
import org.halvs.linux.MacAddress;

/** What came back on a question about one group so far, and what that means after how long. Pure; confined to the thread of its check. */
public final class ClaimProbe {
    /** Nobody answers for so long: there is nobody. Hosts answer ARP in a millisecond. */
    public static final long SILENCE_NANOS = 30_000_000L;

    /** A kernel answered: its daemon gets this long before it counts as frozen or dead. */
    public static final long WITHOUT_DAEMON_NANOS = 60_000_000L;

    /** The same where nobody waits. */
    public static final long PATIENCE_NANOS = 250_000_000L;

    private final String group;
    private final long number;
    private final Set<IpAddress> addresses;
    private final Set<MacAddress> own;
    private final Map<String, ClaimAnswer> daemons = new LinkedHashMap<>();
    private final long withoutDaemonNanos;
    private final List<ClaimResult.AnsweredWithoutDaemon> strangers = new ArrayList<>(1);

    /**
     * @param addresses those asked for
     * @param own the MACs of this host, whose answers mean nothing
     * @param patient as in {@link ClaimQuestion}
     */
    public ClaimProbe(String group, Set<IpAddress> addresses, Set<MacAddress> own, boolean patient) {
        this.group = group;
        this.number = ClaimFrame.number(group);
        this.addresses = Set.copyOf(addresses);
        this.own = Set.copyOf(own);
        this.withoutDaemonNanos = patient ? PATIENCE_NANOS : WITHOUT_DAEMON_NANOS;
    }

    String group() {
        return group;
    }

    /** Somebody said, by ARP or neighbour advertisement, that an address is at a MAC. */
    public void located(IpAddress address, MacAddress mac) {
        if (strangers.isEmpty() && addresses.contains(address) && !own.contains(mac)) {
            strangers.add(new ClaimResult.AnsweredWithoutDaemon(address, mac));
        }
    }

    /** A daemon answered. One that does not name the group has nothing to do with it. */
    void answered(ClaimFrame frame) {
        answered(frame.node(), frame.answers().getOrDefault(number, new ClaimAnswer(ClaimState.NOTHING, 0, 0)));
    }

    /** The daemon of {@code node} said what it has to do with the group. */
    public void answered(String node, ClaimAnswer answer) {
        daemons.put(node, answer);
    }

    /** What is clear after so long; empty as long as it is not. */
    public Optional<ClaimReport> report(long elapsedNanos) {
        Optional<String> holder = daemons.entrySet().stream()
                .filter(e -> e.getValue().state() == ClaimState.HAS)
                .map(Map.Entry::getKey)
                .findFirst();
        if (holder.isPresent()) {
            return Optional.of(new ClaimReport(group, new ClaimResult.HeldByLiveDaemon(holder.get()), daemons));
        }
        if (strangers.isEmpty()) {
            return elapsedNanos >= SILENCE_NANOS
                    ? Optional.of(new ClaimReport(group, new ClaimResult.Free(), daemons))
                    : Optional.empty();
        }
        return elapsedNanos >= withoutDaemonNanos
                ? Optional.of(new ClaimReport(group, strangers.getFirst(), daemons))
                : Optional.empty();
    }
}
