package org.halvs.ldirectord;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.halvs.ipvs.Protocol;
import org.halvs.ipvs.admin.EtcServices;
import org.halvs.linux.IpAddress;
import org.halvs.linux.IpAddress.Family;

/**
 * Hosts from the resolver of the JDK (which asks libc, so {@code /etc/hosts} and DNS), services from {@code /etc/services}. Remembers what it
 * was asked, names that do not exist included; make one for each reading of a file. Confined to one thread.
 */
public final class LinuxNameService implements NameService {
    private static final System.Logger LOG = System.getLogger(LinuxNameService.class.getName());

    private final Map<String, Optional<IpAddress>> asked = new HashMap<>();
    private final EtcServices services;

    public LinuxNameService() {
        this(Path.of("/etc/services"));
    }

    /** With another services file; one that can't be read knows no services. */
    public LinuxNameService(Path services) {
        this.services = EtcServices.parse(contentOf(services));
    }

    private static String contentOf(Path file) {
        try {
            return Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "no service names: " + file + ": " + e);
            return "";
        }
    }

    @Override
    public Optional<IpAddress> host(String host, Family family) {
        return asked.computeIfAbsent(
                family + " " + host, _ -> Literals.parse(host, family).or(() -> resolve(host, family)));
    }

    private static Optional<IpAddress> resolve(String host, Family family) {
        if (host.isEmpty() || host.indexOf('[') >= 0 || host.indexOf(':') >= 0) {
            return Optional.empty();
        }
        try {
            for (InetAddress address : InetAddress.getAllByName(host)) {
                IpAddress candidate = IpAddress.of(address);
                if (candidate.family() == family) {
                    return Optional.of(candidate);
                }
            }
            return Optional.empty();
        } catch (UnknownHostException e) {
            return Optional.empty();
        }
    }

    @Override
    public OptionalInt port(String service, Optional<Protocol> protocol) {
        return NameService.port(services, service, protocol);
    }

    @Override
    public String localHostName() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "localhost";
        }
    }
}
