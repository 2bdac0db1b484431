package org.halvs.linux;

import java.util.List;

/**
 * Keeps chosen packets from this machine's own network stack, while packet sockets still see them: the stack would answer a connection to an
 * address it has with a reset where nobody listens, and would route on what somebody else translates. Confined to one thread at a time.
 */
public interface StackGuard extends AutoCloseable {

    /**
     * Packets to an address of this machine.
     *
     * @param protocol the number in the IP header
     * @param firstPort the lowest destination port, 0 to 65535; 0 where the protocol has no ports
     * @param lastPort the highest one; 65535 where the protocol has no ports
     */
    record Served(int protocol, IpAddress address, int firstPort, int lastPort) {}

    /**
     * Packets from an address to somebody else than this machine.
     *
     * @param protocol the number in the IP header
     * @param port the source port; 0 for every port, and where the protocol has none
     */
    record Translated(int protocol, IpAddress address, int port) {}

    /**
     * Withholds exactly these packets from now on, in one step: there is no moment in which one that stays withheld gets through.
     *
     * @throws LinuxException when the kernel refuses; what was withheld before is still
     */
    void withhold(List<Served> served, List<Translated> translated);

    /** Lets everything through again and leaves nothing behind. Succeeds when there is nothing to remove. */
    void remove();

    /** Gives the connection to the kernel back. What is withheld stays so: a new guard, or {@link #remove}, takes it over. */
    @Override
    void close();
}
