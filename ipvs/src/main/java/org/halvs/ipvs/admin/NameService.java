package org.halvs.ipvs.admin;

import java.util.Optional;
import java.util.OptionalInt;
import org.halvs.ipvs.Protocol;
import org.halvs.linux.IpAddress;

/** Names of hosts and ports, in both directions, as the C library knows them. */
public interface NameService {

    /** The first IPv4 address of a host, as {@code gethostbyname} gives it; empty when the host is unknown or has IPv6 addresses only. */
    Optional<IpAddress> address(String host);

    /** The name an address maps back to; empty when there is none. */
    Optional<String> host(IpAddress address);

    /** The port of a service of {@code /etc/services}: {@code http} with TCP is 80. */
    OptionalInt port(String service, Protocol protocol);

    /** The name of a port: 80 with TCP is {@code http}. */
    Optional<String> service(int port, Protocol protocol);
}
