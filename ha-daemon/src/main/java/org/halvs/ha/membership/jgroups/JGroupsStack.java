package org.halvs.ha.membership.jgroups;

import java.util.List;
import org.jgroups.JChannel;
import org.jgroups.protocols.FRAG4;
import org.jgroups.protocols.NoBundler;
import org.jgroups.protocols.UNICAST3;
import org.jgroups.protocols.pbcast.GMS;
import org.jgroups.protocols.pbcast.NAKACK2;
import org.jgroups.protocols.pbcast.STABLE;

/**
 * Composes the JGroups stack. Times in milliseconds. There is no failure detector, no verification of suspects and no merge protocol in it: heartbeats know
 * better and sooner.
 */
final class JGroupsStack {
    private JGroupsStack() {}

    /**
     * A channel that is not connected yet.
     *
     * @throws Exception whatever JGroups found wrong
     */
    static JChannel channel(PathTransport transport, HeartbeatDiscovery discovery) throws Exception {
        transport.setBundler(new NoBundler()); // messages are few, and the paths have a queue and a thread of their own
        transport.setLogDiscardMessages(false); // after every merge the other side's last words arrive late
        transport.setTimeServiceInterval(10_000); // tells UNICAST3 how old its connections are; no need to be exact
        transport.getThreadPool().setMinThreads(0).setMaxThreads(16).setKeepAliveTime(5_000);
        JChannel channel = new JChannel(List.of(
                transport,
                discovery,
                new NAKACK2()
                        .useMcastXmit(false)
                        .resendLastSeqno(false) // a status follows within a second, and shows what is missing
                        .logDiscardMessages(false)
                        .setXmitInterval(500),
                new UNICAST3().setXmitInterval(500),
                new STABLE().setDesiredAverageGossip(30_000).setMaxBytes(256_000),
                new GMS()
                        .setJoinTimeout(700)
                        .setLeaveTimeout(500)
                        .setMergeTimeout(1_000)
                        .setViewAckCollectionTimeout(500)
                        .printLocalAddress(false),
                new FRAG4().setFragSize(8_000)));
        channel.getProtocolStack().getTransport().getDiagnosticsHandler().setEnabled(false); // answers anybody
        return channel;
    }
}
