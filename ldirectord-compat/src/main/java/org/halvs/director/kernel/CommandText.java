package org.halvs.director.kernel;

import java.util.ArrayList;
import java.util.List;
import org.halvs.director.ServerName;
import org.halvs.ipvs.ForwardingMethod;
import org.halvs.ipvs.Persistence;
import org.halvs.ipvs.RealServer;
import org.halvs.ipvs.SchedulerFlag;
import org.halvs.ipvs.ServiceKey;
import org.halvs.ipvs.TunnelOptions;
import org.halvs.ipvs.VirtualService;
import org.halvs.linux.IpAddress;

/**
 * ipvsadm's command lines as ldirectord writes them, as words without the program's name. Options stand in ldirectord's order, so that
 * transcripts can be compared.
 */
final class CommandText {
    private CommandText() {}

    static List<String> addService(VirtualService service) {
        return service("-A", service);
    }

    static List<String> editService(VirtualService service) {
        return service("-E", service);
    }

    static List<String> deleteService(ServiceKey key) {
        List<String> words = new ArrayList<>(List.of("-D"));
        words.addAll(name(key));
        return words;
    }

    static List<String> addServer(ServiceKey key, RealServer server) {
        return server("-a", key, server);
    }

    static List<String> editServer(ServiceKey key, RealServer server) {
        return server("-e", key, server);
    }

    static List<String> deleteServer(ServiceKey key, RealServer server) {
        List<String> words = new ArrayList<>(List.of("-d"));
        words.addAll(name(key));
        words.addAll(List.of("-r", ServerName.of(server).listed()));
        return words;
    }

    /** {@code -t 192.0.2.10:80}, {@code -f 3 -6}. */
    static List<String> name(ServiceKey key) {
        return switch (key) {
            case ServiceKey.AddressKey address ->
                List.of(
                        switch (address.protocol()) {
                            case TCP -> "-t";
                            case UDP -> "-u";
                            case SCTP -> "--sctp-service";
                        },
                        ServerName.ofService(address));
            case ServiceKey.FirewallMark mark ->
                mark.family() == IpAddress.Family.IPV6
                        ? List.of("-f", Long.toString(mark.mark()), "-6")
                        : List.of("-f", Long.toString(mark.mark()));
        };
    }

    private static List<String> service(String command, VirtualService service) {
        List<String> words = new ArrayList<>(List.of(command));
        words.addAll(name(service.key()));
        if (service.onePacket()) {
            words.add("-o");
        }
        words.addAll(List.of("-s", service.scheduler().word()));
        service.persistence().ifPresent(persistence -> words.addAll(persistence(service.key(), persistence)));
        if (!service.schedulerFlags().isEmpty()) {
            List<String> flags = service.schedulerFlags().stream()
                    .map((SchedulerFlag flag) -> flag.word(service.scheduler()))
                    .toList();
            words.addAll(List.of("-b", String.join(",", flags)));
        }
        return words;
    }

    private static List<String> persistence(ServiceKey key, Persistence persistence) {
        List<String> words = new ArrayList<>(List.of("-p", Integer.toString(persistence.timeoutSeconds())));
        boolean ipv4 = key.family() == IpAddress.Family.IPV4;
        if (persistence.netmask() != (ipv4 ? -1 : IpAddress.Family.IPV6.bits())) {
            words.add("-M");
            words.add(
                    ipv4
                            ? IpAddress.ofIpv4(persistence.netmask()).toString()
                            : Integer.toString(persistence.netmask()));
        }
        persistence.engine().ifPresent(engine -> words.addAll(List.of("--pe", engine)));
        return words;
    }

    /**
     * COMPAT: thresholds are always given with a weight and never without one, as ldirectord does it; the kernel then forgets them while the
     * weight is 0, when they have no effect.
     */
    private static List<String> server(String command, ServiceKey key, RealServer server) {
        List<String> words = new ArrayList<>(List.of(command));
        words.addAll(name(key));
        if (server.weight() > 0) {
            words.addAll(List.of(
                    "-x", Integer.toString(server.upperThreshold()), "-y", Integer.toString(server.lowerThreshold())));
        }
        words.addAll(List.of("-r", ServerName.of(server).listed()));
        words.addAll(method(server));
        words.addAll(List.of("-w", Integer.toString(server.weight())));
        return words;
    }

    private static List<String> method(RealServer server) {
        if (server.method() != ForwardingMethod.TUNNEL || server.tunnel().equals(TunnelOptions.IPIP)) {
            return List.of(
                    switch (server.method()) {
                        case DIRECT_ROUTE, LOCAL -> "-g";
                        case MASQUERADE -> "-m";
                        case TUNNEL -> "-i";
                    });
        }
        TunnelOptions tunnel = server.tunnel();
        List<String> words = new ArrayList<>(List.of("-i", "--tun-type"));
        switch (tunnel.type()) {
            case IPIP -> words.add("ipip");
            case GRE -> words.add("gre");
            case GUE -> words.addAll(List.of("gue", "--tun-port", Integer.toString(tunnel.port())));
        }
        switch (tunnel.checksum()) {
            case NONE -> words.add("--tun-nocsum");
            case FULL -> words.add("--tun-csum");
            case REMOTE -> words.add("--tun-remcsum");
        }
        return words;
    }
}
