package org.halvs.linux;

import java.util.List;

/**
 * Makes this machine's own stack give connections that come in by one device to sockets at other addresses and ports of this machine, and send what those
 * answer from the address and port the client asked for. Confined to one thread at a time.
 */
public interface StackRedirect extends AutoCloseable {

    /**
     * Connections to an address and port, and the socket that gets them.
     *
     * @param protocol the number in the IP header, of TCP, UDP or SCTP
     * @param virtualPort 1 to 65535
     * @param server an address of this machine, of the family of {@code virtual}; IPv4 also a loopback address
     * @param serverPort 1 to 65535
     */
    record Redirected(int protocol, IpAddress virtual, int virtualPort, IpAddress server, int serverPort) {}

    /** What the kernel could not be made to redirect. */
    record Refused(Redirected redirected, String reason) {}

    /**
     * Redirects exactly these connections from now on, in one step; with none of them nothing is left in the kernel. Connections the kernel knows already go
     * on where they went.
     *
     * @param all with different protocols, virtual addresses or virtual ports
     * @return those the kernel lacks something for; the others are redirected
     * @throws LinuxException when the kernel refuses; what was redirected before may be still
     */
    List<Refused> redirect(List<Redirected> all);

    /** Redirects nothing any more and leaves nothing behind. Succeeds when there is nothing to remove. */
    void remove();

    /** Gives the connection to the kernel back. What is redirected stays so: a new one, or {@link #remove}, takes it over. */
    @Override
    void close();
}
