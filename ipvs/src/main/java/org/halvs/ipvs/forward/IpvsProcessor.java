package org.halvs.ipvs.forward;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.Stream;
import org.halvs.ipvs.ConnectionPage;
import org.halvs.ipvs.ForwardingStats;
import org.halvs.ipvs.ForwardingTable;
import org.halvs.ipvs.ServerStats;
import org.halvs.ipvs.ServiceKey;
import org.halvs.ipvs.ServiceStats;
import org.halvs.ipvs.Timeouts;
import org.halvs.ipvs.connection.ConnectionTable;
import org.halvs.ipvs.packet.IpProtocol;
import org.halvs.ipvs.packet.Ipv4Options;
import org.halvs.ipvs.packet.PacketView;
import org.halvs.ipvs.packet.Sctp;
import org.halvs.ipvs.packet.Tcp;
import org.halvs.ipvs.packet.Udp;
import org.halvs.ipvs.scheduler.Destination;
import org.halvs.ipvs.scheduler.Schedulers;
import org.halvs.ipvs.sync.ConnectionSync;
import org.halvs.ipvs.sync.KernelSync;
import org.halvs.linux.IpAddress;
import org.halvs.linux.MacAddress;
import org.jspecify.annotations.Nullable;

/** The forwarding core: IPVS in this process. Sorts packets to the paths in and out, and keeps everything that outlives a packet. */
public final class IpvsProcessor implements PacketProcessor {
    private static final long SECOND = 1_000_000_000L;

    /**
     * What is fixed for the life of a processor.
     *
     * @param seed of the table's hash and of everything drawn at random; a secret in a daemon, anything in a replay
     * @param maxConnections connections and templates at most; memory is taken as they come, 120 bytes each
     * @param limitsErrors whether ICMP errors are held back as the kernel holds them back, to one receiver and in all
     */
    public record Options(long seed, int maxConnections, boolean limitsErrors) {
        /** For replays and tests: a fixed seed, a million connections, every error. */
        public static final Options DEFAULT = new Options(0x5eed, 1 << 20, false);
    }

    private final Network network = new Network();
    private final Counters total = new Counters();
    private final ServiceTable services;
    private final Connections connections;
    private final ConnectionScheduler scheduler;
    private final TunnelTransmitter tunnels;
    private final InboundPath inbound;
    private final OutboundPath outbound;
    private final IcmpErrors errors;
    private final OptionGate optionGate;
    private final TimeOfDay timeOfDay = new TimeOfDay();
    private final IcmpPath icmp;
    private final IpsecPath ipsec;
    private final Undelivered undelivered;
    private final Defence defence;
    private final Forgetting forgetting;
    private final SyncedConnections sync;
    private final Intake intake;
    private final Lookahead lookahead;
    private final FragmentReassembler reassembler = new FragmentReassembler();
    private final long[] drops = new long[DropReason.values().length];
    /** A packet in hand for each place in a batch. */
    private Work[] works = {new Work()};

    private IpvsSettings settings = IpvsSettings.DEFAULT;
    private long nextSecondNanos;
    private boolean oddSecond;

    /** @param nowNanos the caller's clock now */
    public IpvsProcessor(Options options, long nowNanos) {
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(options.seed());
        services = new ServiceTable(new Schedulers(
                () -> settings.value(Setting.LBLC_EXPIRATION), () -> settings.value(Setting.LBLCR_EXPIRATION), random));
        connections = new Connections(
                new ConnectionTable(options.seed(), options.maxConnections(), nowNanos), services, total);
        lookahead = new Lookahead(connections.table);
        intake = new Intake(connections.table, network);
        scheduler = new ConnectionScheduler(connections, services);
        defence = new Defence(connections, nowNanos);
        forgetting = new Forgetting(connections);
        Transmitter transmitter = new Transmitter(options.seed());
        OptionScribe scribe = new OptionScribe(network, timeOfDay);
        errors = new IcmpErrors(
                network,
                transmitter,
                scribe,
                options.limitsErrors() ? IcmpLimit.ofKernel(options.seed()) : IcmpLimit.none());
        optionGate = new OptionGate(services, scribe, errors);
        undelivered = new Undelivered(connections, network, errors);
        tunnels = new TunnelTransmitter(transmitter);
        FtpApplication ftp = new FtpApplication(connections, transmitter);
        sync = new SyncedConnections(connections, connections.binding());
        inbound = new InboundPath(connections, scheduler, network, transmitter, tunnels, errors, defence, ftp, sync);
        outbound = new OutboundPath(connections, services, network, transmitter, errors, scribe, ftp, scheduler);
        icmp = new IcmpPath(connections, scheduler, inbound, outbound, new TunnelErrors(connections, services, errors));
        ipsec = new IpsecPath(connections, services, inbound, outbound, sync);
        nextSecondNanos = nowNanos + SECOND;
    }

    // ---- packets ----

    @Override
    public Verdict process(PacketBuffer packet, long nowNanos, FrameSink out) {
        Work work = works[0];
        work.begin(packet, nowNanos, out);
        Verdict early = isIdle() ? Verdict.Accepted.LOCAL : intake.read(work, packet);
        return counted(early != null ? early : decide(work));
    }

    @Override
    public void process(PacketBuffer[] packets, int count, Verdict[] verdicts, long nowNanos, FrameSink out) {
        if (count > works.length) {
            works = Stream.generate(Work::new).limit(count).toArray(Work[]::new);
        }
        if (isIdle()) {
            Arrays.fill(verdicts, 0, count, Verdict.Accepted.LOCAL);
            return;
        }
        // Storing a reference costs more than comparing, and packet after packet has the same: so here and below.
        for (int i = 0; i < count; i++) {
            Work work = works[i];
            work.begin(packets[i], nowNanos, out);
            Verdict early = intake.read(work, packets[i]);
            if (early != work.early) {
                work.early = early;
            }
        }
        lookahead.look(works, count);
        for (int i = 0; i < count; i++) {
            Verdict early = works[i].early;
            Verdict verdict = counted(early != null ? early : decide(works[i]));
            if (verdict != verdicts[i]) {
                verdicts[i] = verdict;
            }
        }
    }

    /** Whether there is nothing to decide: everything is for the local stack. */
    private boolean isIdle() {
        return services.isEmpty() || settings.on(Setting.BACKUP_ONLY);
    }

    private Verdict counted(Verdict verdict) {
        if (verdict instanceof DropReason reason) {
            drops[reason.ordinal()]++;
        }
        return verdict;
    }

    private Verdict decide(Work work) {
        PacketView view = work.view;
        if (!services.serves(view.ipv4)) {
            return Verdict.Accepted.LOCAL;
        }
        boolean marked = services.hasMark(view.ipv4, work.mark);
        if (marked && isMartian(view)) {
            return DropReason.MARTIAN;
        }
        boolean toService = work.destinationLocal || marked;
        Verdict refusal = view.hasOptions() ? optionGate.receive(work, toService) : null;
        Verdict verdict = refusal == null ? gather(work, toService) : refusal;
        if (verdict == Verdict.Accepted.LOCAL && view.hasOptions()) {
            work.restoreOptions(); // the stack does the same to them
        }
        return verdict;
    }

    /**
     * Whether no mark brings a packet to a hook because of its destination: the loopback, "this network", or a group the director is not in
     * ({@code ip_route_input_slow}, {@code ip6_rcv_core}).
     */
    private static boolean isMartian(PacketView packet) {
        long first = packet.destinationLow >>> 24;
        boolean toItself =
                packet.ipv4 ? first == 0 || first == 127 : packet.destinationHigh == 0 && packet.destinationLow == 1;
        return toItself || Network.isMulticast(packet.ipv4, packet.destinationHigh, packet.destinationLow);
    }

    /** Decides about a packet, or about a datagram once all its fragments are there. */
    private Verdict gather(Work work, boolean toService) {
        PacketView view = work.view;
        // an IPv6 packet with the header of a fragment that is no fragment is freed of it, as one fragment that is the
        // whole
        if (!view.isFragment() && view.fragmentHeader == 0) {
            return decide(work, toService);
        }
        if (!toService && !services.isMasqueradedHost(view.ipv4, view.sourceHigh, view.sourceLow)) {
            // the stack has it, but it may be the reply of a server that answers the client itself
            boolean whole = !view.isFragment() && reassembler.add(work) == Verdict.Accepted.FORWARDED;
            return whole ? decide(work, false) : Verdict.Accepted.LOCAL;
        }
        if (view.ipv4 && !toService && view.ttl <= 1) {
            return outbound.plain(work); // the router stands in front of the hook that puts fragments together
        }
        if (toService || !IpsecPath.goesInFragments(view)) {
            Verdict gathered = reassembler.add(work);
            if (gathered != Verdict.Accepted.FORWARDED) {
                return gathered;
            }
        }
        Verdict verdict = decide(work, toService);
        // all fragments of such a host are kept from the stack, so what they carry is routed here, whatever it is
        return verdict == Verdict.Accepted.LOCAL && !toService ? outbound.plain(work) : verdict;
    }

    private Verdict decide(Work work, boolean toService) {
        PacketView view = work.view;
        if (IcmpPath.isIcmp(view.ipv4, view.protocol)) {
            return icmp.process(work, toService);
        }
        if (!view.hasPorts || view.transportLength() < transportHeader(view.protocol)) {
            return withoutPorts(work, toService);
        }
        return route(work, toService);
    }

    private Verdict withoutPorts(Work work, boolean toService) {
        int protocol = work.view.protocol;
        if (IpProtocol.isIpsec(protocol)) {
            return ipsec.process(work, toService);
        }
        if (!IpProtocol.isTransport(protocol)) {
            return Verdict.Accepted.LOCAL;
        }
        if (!work.view.hasPorts) {
            return toService ? DropReason.MALFORMED : Verdict.Accepted.LOCAL;
        }
        return toService ? inbound.processCutOff(work) : outbound.processCutOff(work);
    }

    private Verdict route(Work work, boolean toService) {
        if (toService) {
            Verdict verdict = inbound.process(work);
            if (verdict != Verdict.Accepted.LOCAL) {
                return verdict;
            }
        }
        Verdict reply = outbound.process(work, toService);
        if (reply != null) {
            return reply;
        }
        return toService ? Verdict.Accepted.LOCAL : outbound.withoutConnection(work);
    }

    private static int transportHeader(int protocol) {
        return switch (protocol) {
            case IpProtocol.TCP -> Tcp.HEADER;
            case IpProtocol.SCTP -> Sctp.HEADER;
            default -> Udp.HEADER;
        };
    }

    @Override
    public void undelivered(MemorySegment frame, long offset, int length, long nowNanos, FrameSink out) {
        undelivered.report(frame, offset, length, nowNanos, out);
    }

    // ---- control ----

    @Override
    public void table(ForwardingTable table, long nowNanos) {
        services.apply(table, nowNanos, _ -> {
            if (settings.on(Setting.EXPIRE_NODEST_CONN)) {
                forgetting.begin();
            }
        });
        forgetting.advance(nowNanos);
        sync.servicesChanged();
    }

    @Override
    public void network(NetworkView view) {
        network.view(view);
    }

    @Override
    public void adopt(Set<MacAddress> macs) {
        intake.adopt(macs);
    }

    @Override
    public void redirected(Set<RedirectedServer> servers) {
        services.redirected(servers);
    }

    @Override
    public void settings(IpvsSettings changed) {
        settings = changed;
        inbound.settings(changed);
        outbound.settings(changed);
        scheduler.settings(changed);
        defence.settings(changed);
        sync.settings(changed);
        icmp.settings(changed);
        ipsec.settings(changed);
        tunnels.pathMtuDiscovery(changed.on(Setting.PMTU_DISC));
    }

    @Override
    public IpvsSettings settings() {
        return settings;
    }

    @Override
    public void expire(long nowNanos, FrameSink out) {
        connections.expire(nowNanos);
        if (reassembler.isDue(nowNanos)) {
            reassembler.expire(
                    nowNanos,
                    (segment, l3, length, options) -> tellOfLateFragments(segment, l3, length, options, nowNanos, out));
        }
        forgetting.advance(nowNanos);
        sync.tick(nowNanos);
        while (nowNanos >= nextSecondNanos) {
            everySecond(nextSecondNanos);
            nextSecondNanos += SECOND;
            if (nowNanos - nextSecondNanos > 3600 * SECOND) {
                nextSecondNanos = nowNanos;
            }
        }
        defence.advance(nowNanos);
    }

    /** Whoever puts fragments together tells of those that do not come, also a router that does so for its hooks ({@code ip_expire}). */
    private void tellOfLateFragments(
            MemorySegment segment, long l3, int length, Ipv4Options options, long nowNanos, FrameSink out) {
        Work work = works[0];
        PacketView first = work.view;
        if (first.parse(segment, l3, l3 + length, false) != PacketView.Parsed.OK) {
            return;
        }
        work.nowNanos = nowNanos;
        work.out = out;
        work.options.set(options);
        // IPv6 fragments are put together in front of the router, whoever they are for (nf_ct_frag6_expire)
        if (!first.ipv4 || network.isLocal(true, first.destinationHigh, first.destinationLow)) {
            inbound.countError(work, errors.reassemblyTimeExceeded(work, IcmpErrors.From.SERVICE));
        } else if (services.isMasqueradedHost(first.ipv4, first.sourceHigh, first.sourceLow)
                && network.view().forwards(IpAddress.Family.IPV4)
                && first.ttl > 1) {
            first.decrementTtl(); // as a router does before its hooks see the packet
            errors.reassemblyTimeExceeded(work, IcmpErrors.From.ROUTER);
        }
    }

    private void everySecond(long nowNanos) {
        defence.tick();
        services.emptyTrash(nowNanos);
        oddSecond = !oddSecond;
        boolean estimate = !oddSecond && settings.on(Setting.RUN_ESTIMATION);
        if (estimate) {
            total.estimate();
        }
        for (ServiceEntry service : services.entries()) {
            service.scheduler.tick(nowNanos);
            if (estimate) {
                service.counters.estimate();
                for (Destination each = service.servers.head(); each != null; each = each.next()) {
                    ((ServerEntry) each).counters.estimate();
                }
            }
        }
    }

    @Override
    public ForwardingStats stats() {
        List<ServiceStats> shown = new ArrayList<>();
        for (ServiceEntry service : services.entries()) {
            List<ServerStats> servers = new ArrayList<>();
            for (Destination each = service.servers.head(); each != null; each = each.next()) {
                ServerEntry server = (ServerEntry) each;
                servers.add(new ServerStats(
                        server.server,
                        server.active(),
                        server.inactive(),
                        server.persistent,
                        server.counters.snapshot(),
                        server.counters.rates()));
            }
            shown.add(
                    new ServiceStats(service.service, service.counters.snapshot(), service.counters.rates(), servers));
        }
        List<ForwardingStats.DropCount> dropped = new ArrayList<>();
        for (DropReason reason : DropReason.values()) {
            if (drops[reason.ordinal()] > 0) {
                dropped.add(new ForwardingStats.DropCount(reason.word(), drops[reason.ordinal()]));
            }
        }
        return new ForwardingStats(services.revision(), shown, total.snapshot(), total.rates(), dropped);
    }

    @Override
    public ConnectionPage connections(int from, int most, long nowNanos) {
        return new ConnectionLister(connections).page(from, most, nowNanos);
    }

    @Override
    public void timeOfDay(long nowNanos, long unixMillis) {
        timeOfDay.set(nowNanos, unixMillis);
    }

    @Override
    public void changeTimeouts(Timeouts timeouts) {
        connections.timeouts(timeouts);
    }

    @Override
    public Timeouts timeouts() {
        return connections.timeouts();
    }

    @Override
    public void zero(Optional<ServiceKey> key) {
        for (ServiceEntry service : services.entries()) {
            if (key.isEmpty() || key.get().equals(service.key)) {
                zero(service);
            }
        }
        if (key.isEmpty()) {
            total.zero();
        }
    }

    private static void zero(ServiceEntry service) {
        service.counters.zero();
        for (@Nullable Destination each = service.servers.head(); each != null; each = each.next()) {
            ((ServerEntry) each).counters.zero();
        }
    }

    @Override
    public ConnectionSync sync() {
        return sync;
    }

    @Override
    public KernelSync kernelSync() {
        return sync.kernel();
    }

    @Override
    public WithheldTraffic withheld() {
        return services.withheld();
    }
}
