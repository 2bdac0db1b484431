package org.halvs.ha.membership;

import java.util.ArrayList;
import java.util.List;
import org.halvs.ha.config.Timing;
import org.jgroups.JChannel;
import org.jgroups.protocols.Discovery;
import org.jgroups.protocols.FD_ALL3;
import org.jgroups.protocols.FD_SOCK2;
import org.jgroups.protocols.FRAG4;
import org.jgroups.protocols.MERGE3;
import org.jgroups.protocols.PING;
import org.jgroups.protocols.TCPPING;
import org.jgroups.protocols.TransferQueueBundler;
import org.jgroups.protocols.UDP;
import org.jgroups.protocols.UNICAST3;
import org.jgroups.protocols.VERIFY_SUSPECT;
import org.jgroups.protocols.pbcast.GMS;
import org.jgroups.protocols.pbcast.NAKACK2;
import org.jgroups.protocols.pbcast.STABLE;
import org.jgroups.stack.Protocol;

/** Composes the JGroups stack. Times in milliseconds; what is not obvious about a value was measured, and stands beside it. */
final class JGroupsStack {
    /** Kernels cap socket buffers at this without saying so, JGroups says so. */
    private static final int SOCKET_BUFFER_BYTES = 212_000;
    /**
     * Before a suspect is declared dead it is asked this long. Its TCP connection closing is proof enough, but a connection may close for other reasons
     * (two members that meet connect to each other at once, and one connection goes). VERIFY_SUSPECT waits exactly this long and sleeps otherwise;
     * VERIFY_SUSPECT2 polls, waits up to twice as long, and wakes the processor that often.
     */
    private static final long VERIFY_MILLIS = 60;

    private JGroupsStack() {}

    /**
     * A channel that is not connected yet.
     *
     * @throws Exception whatever JGroups found wrong
     */
    static JChannel channel(ClusterLink link, Timing timing, MessageAuthenticator authenticator) throws Exception {
        JChannel channel = new JChannel(compose(link, timing, authenticator));
        channel.getProtocolStack().getTransport().getDiagnosticsHandler().setEnabled(false); // answers anybody
        return channel;
    }

    /** The protocols from the transport up. */
    private static List<Protocol> compose(ClusterLink link, Timing timing, MessageAuthenticator authenticator) {
        List<Protocol> stack = new ArrayList<>();
        stack.add(transport(link));
        stack.add(authenticator);
        stack.add(discovery(link));
        stack.add(new MERGE3().setMinInterval(300).setMaxInterval(900).setCheckInterval(1200));
        stack.add(crashDetection(link));
        stack.add(new FD_ALL3()
                .setTimeout(timing.deadtime().toMillis())
                .setInterval(timing.keepalive().toMillis()));
        stack.add(new VERIFY_SUSPECT().setTimeout(VERIFY_MILLIS));
        stack.add(new NAKACK2().useMcastXmit(false).setXmitInterval(200));
        stack.add(new UNICAST3().setXmitInterval(200));
        stack.add(new STABLE().setDesiredAverageGossip(10_000).setMaxBytes(256_000));
        stack.add(new GMS()
                .setJoinTimeout(700)
                .setLeaveTimeout(500)
                .setViewAckCollectionTimeout(500)
                .printLocalAddress(false));
        stack.add(new FRAG4().setFragSize(8_000));
        return stack;
    }

    private static UDP transport(ClusterLink link) {
        UDP udp = new UDP();
        udp.setBindAddr(link.bind());
        udp.setBindPort(link.port());
        udp.setPortRange(0);
        udp.setLogDiscardMessages(false); // after every merge the other side's last words arrive late
        TransferQueueBundler bundler = new TransferQueueBundler();
        bundler.setCapacity(256);
        bundler.setMaxSize(16_000);
        udp.setBundler(bundler);
        udp.setMcastSendBufSize(SOCKET_BUFFER_BYTES)
                .setMcastRecvBufSize(SOCKET_BUFFER_BYTES)
                .setUcastSendBufSize(SOCKET_BUFFER_BYTES)
                .setUcastRecvBufSize(SOCKET_BUFFER_BYTES);
        switch (link.reach()) {
            case ClusterLink.Reach.Unicast _ -> udp.setMulticasting(false);
            case ClusterLink.Reach.Multicast multicast -> {
                udp.setMulticastAddress(multicast.group().getAddress());
                udp.setMulticastPort(multicast.group().getPort());
                udp.setIpTTL(multicast.ttl());
            }
        }
        udp.getThreadPool().setMinThreads(0).setMaxThreads(16).setKeepAliveTime(5_000);
        return udp;
    }

    private static Discovery discovery(ClusterLink link) {
        Discovery discovery = switch (link.reach()) {
            case ClusterLink.Reach.Unicast unicast ->
                new TCPPING().setInitialHosts(unicast.peers()).setPortRange(0);
            case ClusterLink.Reach.Multicast _ -> new PING();
        };
        return discovery.numDiscoveryRuns(1);
    }

    /** Each member holds a TCP connection to the next one; the kernel closes it the moment the process dies. */
    private static FD_SOCK2 crashDetection(ClusterLink link) {
        FD_SOCK2 sockets = new FD_SOCK2()
                .setBindAddress(link.bind()) // not taken over from the transport: without it crashes go unnoticed
                .setOffset(ClusterLink.CRASH_PORT_OFFSET)
                .setPortRange(0);
        sockets.setValue("connect_timeout", 500);
        return sockets;
    }
}
