package org.halvs.piranha;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.halvs.ipvs.ForwardingMethod;
import org.halvs.ipvs.Protocol;
import org.halvs.ipvs.SchedulerKind;
import org.halvs.linux.IpAddress;

/**
 * What an lvs.cf means, its defaults filled in.
 *
 * @param method how packets reach the real servers of every service
 * @param virtuals all virtual services, inactive ones too
 * @param failovers all failover services; they run only with {@code service = fos}
 */
public record LvsConfig(
        Pulse pulse, ForwardingMethod method, IpvsTimeouts timeouts, List<Virtual> virtuals, List<Failover> failovers) {
    public LvsConfig {
        virtuals = List.copyOf(virtuals);
        failovers = List.copyOf(failovers);
    }

    /**
     * What pulse does: the pair of directors and what moves between them.
     *
     * @param serialNumber counts the versions of the file; nothing depends on it
     * @param failoverServices whether {@code service = fos}
     * @param primaryPrivate where the second heartbeat path ends; empty for one path
     * @param backupActive whether there is a backup director at all
     * @param heartbeatPort UDP, 1 to 65535
     * @param keepalive time between two heartbeats
     * @param deadtime silence that makes the other director dead
     * @param monitorLinks whether a director with a dead link gives up its services
     * @param natRouter the inner address that moves along when packets are masqueraded
     * @param syncDaemon whether connections are copied to the backup
     * @param syncId 0 to 255
     * @param hardShutdown whether the failure of a monitor makes the director give up its services
     * @param activeCommand run when a director becomes active, as written without its quotes
     */
    public record Pulse(
            int serialNumber,
            boolean failoverServices,
            Optional<IpAddress> primary,
            Optional<IpAddress> primaryPrivate,
            Optional<IpAddress> backup,
            Optional<IpAddress> backupPrivate,
            boolean backupActive,
            boolean heartbeat,
            int heartbeatPort,
            Duration keepalive,
            Duration deadtime,
            boolean monitorLinks,
            Optional<Floating> natRouter,
            boolean syncDaemon,
            String syncInterface,
            int syncId,
            boolean hardShutdown,
            Optional<String> activeCommand,
            Optional<String> inactiveCommand) {}

    /**
     * An address that moves between the directors.
     *
     * @param device with its alias: {@code eth0:1}
     * @param netmask empty when the file names none
     */
    public record Floating(IpAddress address, String device, Optional<IpAddress> netmask) {}

    /** The timeouts of {@code ipvsadm --set}, in seconds; 0 leaves one as it is. */
    public record IpvsTimeouts(int tcpSeconds, int tcpFinSeconds, int udpSeconds) {}

    /**
     * A virtual service.
     *
     * @param mark the firewall mark, 0 for none
     * @param persistentSeconds 0 for none
     * @param persistenceMask -1 for single clients
     * @param timeout both the time between two checks and the time each may take, positive
     * @param reentry how long a server must be well to come back
     * @param quiesce whether a dead server stays with weight 0
     * @param sorryServer the server of last resort
     */
    public record Virtual(
            String name,
            boolean active,
            Floating address,
            int port,
            Protocol protocol,
            long mark,
            SchedulerKind scheduler,
            int persistentSeconds,
            int persistenceMask,
            Duration timeout,
            Duration reentry,
            boolean quiesce,
            Probe probe,
            String loadMonitor,
            Optional<IpAddress> sorryServer,
            List<Server> servers,
            int line) {
        public Virtual {
            servers = List.copyOf(servers);
        }
    }

    /**
     * What a server is asked.
     *
     * @param send sent after connecting, escapes resolved; empty for nothing
     * @param expect what must come back, escapes resolved; empty for anything
     * @param regularExpression whether {@code expect} is a POSIX extended expression
     * @param program run instead, its output compared; empty for none
     */
    public record Probe(String send, String expect, boolean regularExpression, String program) {}

    /** A real server. */
    public record Server(String name, boolean active, IpAddress address, int port, int weight, int line) {}

    /** A service of the directors themselves. */
    public record Failover(
            String name,
            boolean active,
            Floating address,
            int port,
            Duration timeout,
            Probe probe,
            String startCommand,
            String stopCommand,
            int line) {}
}
