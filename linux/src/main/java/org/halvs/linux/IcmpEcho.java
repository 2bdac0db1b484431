package org.halvs.linux;

import java.time.Duration;

/**
 * Pings hosts by ICMP and ICMPv6 echo. Thread-safe; made for thousands of callers at once, which may be virtual
 * threads: a caller waits without holding its carrier.
 */
public interface IcmpEcho extends AutoCloseable {

    /**
     * Opens the sockets in the network namespace of the calling thread. The thread that reads them starts with the
     * first ping.
     *
     * @throws LinuxException {@code EPERM} without {@code CAP_NET_RAW}
     */
    static IcmpEcho open() {
        return LinuxIcmpEcho.open();
    }

    /** What became of a ping. */
    sealed interface EchoResult {

        /** The host answered. */
        record Answered(Duration roundTrip) implements EchoResult {}

        /** No answer came within the time. */
        record Silent(Duration timeout) implements EchoResult {}

        /** The request could not be sent; there is no route, for instance. */
        record NotSent(LinuxException error) implements EchoResult {}
    }

    /**
     * Sends one echo request and waits for the answer.
     *
     * @param timeout how long at most
     * @throws InterruptedException when the caller is interrupted while it waits
     * @throws IllegalStateException when this is closed, before or meanwhile
     */
    EchoResult ping(IpAddress target, Duration timeout) throws InterruptedException;

    /** Closes the sockets and ends the thread; who still waits gets {@link IllegalStateException}. */
    @Override
    void close();
}
