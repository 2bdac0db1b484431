package org.halvs.ipvs.port;

import java.util.List;
import java.util.stream.Stream;
import org.halvs.ipvs.forward.WithheldTraffic;
import org.halvs.linux.StackGuard;

/** What the guard has to be told for a processor's traffic. Of firewall marks only what rules of ours say: frames on a packet socket have none yet. */
final class GuardPlan {
    private GuardPlan() {}

    static List<StackGuard.Served> served(WithheldTraffic traffic, MarkedTraffic marked) {
        Stream<StackGuard.Served> addressed = traffic.served().stream()
                .flatMap(one -> Stream.concat(
                        Stream.of(new StackGuard.Served(
                                one.protocol().number(), one.address(), one.firstPort(), one.lastPort())),
                        IpsecTraffic.served(one.protocol().number(), one.address(), one.firstPort(), one.lastPort())));
        return Stream.concat(addressed, marked.served().stream()).distinct().toList();
    }

    static List<StackGuard.Translated> translated(WithheldTraffic traffic) {
        return traffic.masqueraded().stream()
                .flatMap(one -> Stream.concat(
                        Stream.of(new StackGuard.Translated(one.protocol().number(), one.address(), one.port())),
                        IpsecTraffic.translated(one)))
                .distinct()
                .toList();
    }
}
