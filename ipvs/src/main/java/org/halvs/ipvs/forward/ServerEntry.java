package org.halvs.ipvs.forward;

import org.halvs.ipvs.ForwardingMethod;
import org.halvs.ipvs.RealServer;
import org.halvs.ipvs.ServiceKey;
import org.halvs.ipvs.connection.ConnectionFlag;
import org.halvs.ipvs.scheduler.Destination;
import org.jspecify.annotations.Nullable;

/** A real server at work: what the table says of it, what it carries, how it is reached. Lives on after deletion while connections refer to it. */
final class ServerEntry extends Destination {
    /** How long a learnt path MTU is believed, as the kernel's {@code mtu_expires}. */
    private static final long PATH_MTU_NANOS = 600_000_000_000L;

    private static final int NOT_REDIRECTED = -1;

    /** No lower path MTU is believed ({@code net.ipv4.route.min_pmtu}). */
    private static final int MIN_PATH_MTU = 552;

    /** Grows with every server that is added to a service: of two alike, the kernel finds the one added last ({@code ip_vs_rs_hash}). */
    long added;

    final ServiceKey key;
    /** The number connections know it by. */
    final int number;

    final Counters counters = new Counters();
    final Hop hop = new Hop();

    /** The service whose list it stands in; null while it is in the trash. */
    @Nullable
    ServiceEntry service;

    /** The service it was deleted from; another one that takes it out of the trash counts from zero, though it has the same key. */
    @Nullable
    ServiceEntry formerService;

    RealServer server;
    /** The port of the service when the local stack translates for this server; {@link #NOT_REDIRECTED} otherwise. */
    int redirectedPort = NOT_REDIRECTED;

    int persistent;
    /** Connections and templates that refer to it. */
    int references;

    /** When it was first seen in the trash without anybody who refers to it; {@link Long#MIN_VALUE} while it was not. */
    long idleSinceNanos = Long.MIN_VALUE;

    /** The network view {@link #hop} was taken from. */
    private long hopGeneration = -1;

    private int pathMtu;
    private long pathMtuUntilNanos;

    ServerEntry(ServiceKey key, int number, RealServer server) {
        super(server.address(), server.port(), server.weight());
        this.key = key;
        this.number = number;
        this.server = server;
    }

    /** The method's bits of {@link ConnectionFlag} for new connections. */
    int methodFlags() {
        ForwardingMethod method = server.method();
        return switch (method) {
            // nobody here sees the answers the stack translates
            case MASQUERADE ->
                ConnectionFlag.MASQUERADE | (redirectedPort == NOT_REDIRECTED ? 0 : ConnectionFlag.NO_OUTPUT);
            case LOCAL -> ConnectionFlag.LOCAL | ConnectionFlag.NO_OUTPUT;
            case TUNNEL -> ConnectionFlag.TUNNEL | ConnectionFlag.NO_OUTPUT;
            case DIRECT_ROUTE -> ConnectionFlag.DIRECT_ROUTE | ConnectionFlag.NO_OUTPUT;
        };
    }

    /** Connections without templates. */
    int total() {
        return active() + inactive();
    }

    /** Sets the overload mark when the upper threshold is reached; called after a connection came. */
    void checkUpper() {
        if (server.upperThreshold() != 0 && total() >= server.upperThreshold()) {
            overloaded(true);
        }
    }

    /** Takes the overload mark off below the lower threshold; called after a connection went. */
    void checkLower() {
        int upper = server.upperThreshold();
        int lower = server.lowerThreshold() != 0 ? server.lowerThreshold() : upper - (upper >> 2);
        if (upper == 0 || total() < lower) {
            overloaded(false);
        }
    }

    /** New weight, thresholds, method. */
    void edit(RealServer edited) {
        server = edited;
        weight(edited.weight());
        if (edited.upperThreshold() == 0 || total() < edited.upperThreshold()) {
            checkLower();
        }
        checkUpper();
    }

    /** Whether the local stack translates its connections from now on. */
    void redirected(boolean redirected) {
        redirectedPort = redirected && key instanceof ServiceKey.AddressKey address ? address.port() : NOT_REDIRECTED;
    }

    Hop hop(Network network, long nowNanos) {
        if (hopGeneration != network.generation()) {
            network.resolve(server.address(), hop);
            hopGeneration = network.generation();
        }
        if (pathMtu != 0 && nowNanos - pathMtuUntilNanos >= 0) {
            pathMtu = 0;
        }
        return hop;
    }

    /** The largest packet that reaches the server unharmed, as far as is known. */
    int mtu() {
        return pathMtu == 0 ? hop.mtu : Math.min(pathMtu, hop.mtu);
    }

    /** Whether a router on the way has told an MTU that still counts. */
    boolean knowsPathMtu() {
        return pathMtu != 0;
    }

    /** A router on the way told the MTU of the next link. */
    void learnMtu(int mtu, long nowNanos) {
        if (mtu < mtu()) {
            pathMtu = Math.min(mtu(), Math.max(mtu, MIN_PATH_MTU));
            pathMtuUntilNanos = nowNanos + PATH_MTU_NANOS;
        }
    }
}
