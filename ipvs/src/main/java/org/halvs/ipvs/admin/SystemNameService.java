package org.halvs.ipvs.admin;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;
import org.halvs.ipvs.Protocol;
import org.halvs.linux.IpAddress;

/** The names this machine knows: {@code /etc/services} and the system's resolver. Thread-safe; a lookup may take as long as DNS takes. */
public final class SystemNameService implements NameService {
    private final EtcServices services;

    /** Reads {@code /etc/services} once; without that file no port has a name. */
    public SystemNameService() {
        this(Path.of("/etc/services"));
    }

    SystemNameService(Path etcServices) {
        this.services = EtcServices.parse(readOrEmpty(etcServices));
    }

    private static String readOrEmpty(Path file) {
        try {
            return Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return "";
        }
    }

    @Override
    public Optional<IpAddress> address(String host) {
        try {
            for (InetAddress address : InetAddress.getAllByName(host)) {
                if (address instanceof Inet4Address) {
                    return Optional.of(IpAddress.of(address));
                }
            }
        } catch (UnknownHostException e) {
            // an unknown host is an answer, not a failure
        }
        return Optional.empty();
    }

    @Override
    public Optional<String> host(IpAddress address) {
        InetAddress asked = address.toInetAddress();
        String name = asked.getHostName();
        return name.equals(asked.getHostAddress()) ? Optional.empty() : Optional.of(name);
    }

    @Override
    public OptionalInt port(String service, Protocol protocol) {
        return services.port(service, protocol);
    }

    @Override
    public Optional<String> service(int port, Protocol protocol) {
        return services.name(port, protocol);
    }
}
