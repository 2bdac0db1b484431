package org.halvs.ldirectord;

import java.util.Optional;
import java.util.OptionalInt;
import org.halvs.ipvs.Protocol;
import org.halvs.ipvs.admin.EtcServices;
import org.halvs.linux.IpAddress;

/** Where host and service names are looked up while a file is read. */
public interface NameService {

    /** The first address of {@code host} in {@code family}; literal addresses are answered without a look-up. */
    Optional<IpAddress> host(String host, IpAddress.Family family);

    /**
     * The port of a service by its name or alias, as in {@code /etc/services}.
     *
     * @param protocol empty for whichever protocol has it
     * @return 0 to 65535; empty when there is no such service. Numbers are not names.
     */
    OptionalInt port(String service, Optional<Protocol> protocol);

    /** The name of this machine, which ldirectord's default logins mention. */
    String localHostName();

    /** {@link #port} from the content of a services file. */
    static OptionalInt port(EtcServices services, String service, Optional<Protocol> protocol) {
        if (protocol.isPresent()) {
            return services.port(service, protocol.get());
        }
        for (Protocol candidate : Protocol.values()) {
            OptionalInt port = services.port(service, candidate);
            if (port.isPresent()) {
                return port;
            }
        }
        return OptionalInt.empty();
    }
}
