package org.halvs.linux;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** {@link IcmpEcho} without a network: hosts answer, at once, when they were told to. Thread-safe. */
public final class MemoryIcmpEcho implements IcmpEcho {
    private final Map<IpAddress, Duration> answering = new ConcurrentHashMap<>();

    /** Makes {@code host} answer from now on, with a round trip that is only reported, not waited for. */
    public void answer(IpAddress host, Duration roundTrip) {
        answering.put(host, roundTrip);
    }

    /** Makes {@code host} silent from now on. */
    public void silence(IpAddress host) {
        answering.remove(host);
    }

    @Override
    public EchoResult ping(IpAddress target, Duration timeout) {
        Duration roundTrip = answering.get(target);
        return roundTrip == null || roundTrip.compareTo(timeout) > 0
                ? new EchoResult.Silent(timeout)
                : new EchoResult.Answered(roundTrip);
    }

    @Override
    public void close() {}
}
