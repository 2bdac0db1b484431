package org.halvs.ha.arbitration;

import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.halvs.ha.config.Authkeys;
import org.halvs.ha.membership.Wakefulness;
import org.halvs.ha.takeover.ClaimAnswer;
import org.halvs.ha.takeover.ClaimReport;
import org.halvs.ha.takeover.ClaimState;
import org.halvs.linux.Link;
import org.halvs.linux.LinkLayerSocket;
import org.halvs.linux.LinuxException;
import org.halvs.linux.MacAddress;
import org.halvs.linux.Rtnetlink;

/**
 * {@link ClaimNetwork} by packet sockets. The thread {@code claim} answers, so that an answer never waits for the control loop; each check runs on a thread
 * {@code claim-check} of its own.
 */
public final class LinuxClaimNetwork implements ClaimNetwork {
    private static final System.Logger LOG = System.getLogger(LinuxClaimNetwork.class.getName());
    private static final int LOOK_MILLIS = 60_000;
    /** Until the answer under way has gone out. */
    private static final int END_MILLIS = 1_000;

    /** What identifies this daemon to others. */
    public record Identity(String node, long incarnation) {}

    /**
     * What this daemon asks and answers by, as the files say.
     *
     * @param groups the keys of all groups
     * @param heartbeatLinks interfaces to ask on besides those of the addresses
     * @param doubtNanos after so long without a heartbeat sent this node may have been asleep
     */
    public record Terms(Authkeys authkeys, List<String> groups, Set<String> heartbeatLinks, long doubtNanos) {
        public Terms {
            groups = List.copyOf(groups);
            heartbeatLinks = Set.copyOf(heartbeatLinks);
        }
    }

    /** {@link Terms} in the form they are used in. */
    private record Effective(Terms terms, ClaimSigner signer, Map<Long, String> groups) {
        static Effective of(Terms terms) {
            Map<Long, String> numbered = new LinkedHashMap<>();
            terms.groups().forEach(group -> numbered.put(ClaimFrame.number(group), group));
            return new Effective(terms, new ClaimSigner(terms.authkeys()), numbered);
        }
    }

    private final Identity identity;
    private final Rtnetlink rtnetlink;
    private final Listener listener;
    private final PublishedClaims published;
    private final LinkLayerSocket socket;
    private final Map<Long, Consumer<ClaimFrame>> waiting = new ConcurrentHashMap<>();
    private final Thread answering;
    private volatile Effective effective;
    private volatile boolean closed;

    /**
     * Begins to answer, in the network namespace of the calling thread.
     *
     * @param urgency makes the thread it is called by run when it has to: who asks does not wait for long
     * @throws LinuxException {@code EPERM} without {@code CAP_NET_RAW}
     */
    public LinuxClaimNetwork(
            Identity identity,
            Terms terms,
            Rtnetlink rtnetlink,
            Listener listener,
            Wakefulness wakefulness,
            Runnable urgency) {
        this.published = new PublishedClaims(wakefulness, System.nanoTime());
        this.identity = identity;
        this.rtnetlink = rtnetlink;
        this.listener = listener;
        this.effective = Effective.of(terms);
        this.socket = LinkLayerSocket.openFor(ClaimFrame.ETHERTYPE);
        this.answering = Thread.ofPlatform().name("claim").daemon().start(() -> {
            urgency.run();
            answer();
        });
    }

    /** Other terms hold for whatever is asked and answered from now on. */
    public void change(Terms terms) {
        effective = Effective.of(terms);
    }

    @Override
    public void publish(Map<String, ClaimAnswer> answers) {
        published.publish(answers, System.nanoTime());
    }

    /** By the number of the group. */
    Map<Long, ClaimAnswer> answersNow() {
        Map<Long, ClaimAnswer> numbered = new LinkedHashMap<>();
        published
                .at(System.nanoTime(), effective.terms.doubtNanos())
                .forEach((group, answer) -> numbered.put(ClaimFrame.number(group), answer));
        return numbered;
    }

    // --- answering ---------------------------------------------------------------------------------------------------

    private void answer() {
        while (!closed) {
            try {
                socket.receive(LOOK_MILLIS).ifPresent(frame -> received(frame.linkIndex(), frame.bytes()));
            } catch (LinuxException e) {
                LOG.log(Level.WARNING, "Questions of other nodes can''t be received: {0}", e.getMessage());
            }
        }
        socket.close();
    }

    private void received(int linkIndex, byte[] bytes) {
        Effective now = effective;
        // whoever has the key, a node of this cluster or not: one that was taken out of it and lives must not be
        // overlooked
        ClaimFrame frame = ClaimFrame.parse(bytes, now.signer)
                .filter(f -> !f.node().equals(identity.node()))
                .orElse(null);
        if (frame == null) {
            return;
        }
        if (!frame.question()) {
            Consumer<ClaimFrame> check = waiting.get(frame.nonce());
            if (check != null) {
                check.accept(frame);
            }
            return;
        }
        Map<Long, ClaimAnswer> all = answersNow();
        Map<Long, ClaimAnswer> asked = new LinkedHashMap<>();
        frame.answers().forEach((group, asking) -> {
            ClaimAnswer mine = all.get(group);
            if (mine != null) {
                asked.put(group, mine);
            }
        });
        reply(linkIndex, bytes, new ClaimFrame(false, frame.nonce(), identity.node(), identity.incarnation(), asked));
        frame.answers().forEach((group, asking) -> {
            String key = now.groups.get(group);
            if (key != null && asking.state() != ClaimState.NOTHING) {
                listener.asked(frame.node(), key, asking);
            }
        });
    }

    private void reply(int linkIndex, byte[] question, ClaimFrame answer) {
        byte[] asker = new byte[6];
        System.arraycopy(question, 6, asker, 0, 6);
        rtnetlink.links().stream()
                .filter(link -> link.index() == linkIndex)
                .findFirst()
                .flatMap(Link::mac)
                .ifPresent(mac -> send(linkIndex, answer.bytes(MacAddress.ofBytes(asker), mac, effective.signer)));
    }

    void send(int linkIndex, byte[] frame) {
        try {
            socket.send(linkIndex, frame);
        } catch (LinuxException e) {
            LOG.log(Level.DEBUG, "interface {0}: {1}", linkIndex, e.getMessage());
        }
    }

    // --- asking ------------------------------------------------------------------------------------------------------

    @Override
    public void check(List<ClaimQuestion> questions, Consumer<ClaimReport> done) {
        if (closed || questions.isEmpty()) {
            return;
        }
        List<ClaimQuestion> asked = new ArrayList<>(questions);
        Thread.ofPlatform()
                .name("claim-check")
                .daemon()
                .start(() -> new LinuxClaimCheck(this, rtnetlink, asked, done).run());
    }

    /** Sends one question about groups; {@code nonce} finds the answers. */
    void ask(long nonce, Link link, List<String> keys) {
        Map<Long, ClaimAnswer> all = answersNow();
        for (int from = 0; from < keys.size(); from += ClaimFrame.MOST_GROUPS) {
            Map<Long, ClaimAnswer> some = new LinkedHashMap<>();
            keys.subList(from, Math.min(keys.size(), from + ClaimFrame.MOST_GROUPS))
                    .forEach(key -> {
                        long number = ClaimFrame.number(key);
                        some.put(number, all.getOrDefault(number, new ClaimAnswer(ClaimState.NOTHING, 0, 0)));
                    });
            ClaimFrame question = new ClaimFrame(true, nonce, identity.node(), identity.incarnation(), some);
            link.mac()
                    .ifPresent(mac -> send(link.index(), question.bytes(MacAddress.BROADCAST, mac, effective.signer)));
        }
    }

    void expect(long nonce, Consumer<ClaimFrame> answers) {
        waiting.put(nonce, answers);
    }

    void forget(long nonce) {
        waiting.remove(nonce);
    }

    Set<String> heartbeatLinks() {
        return new LinkedHashSet<>(effective.terms.heartbeatLinks());
    }

    /** Ends the thread that answers, at once. */
    @Override
    public void close() {
        closed = true;
        socket.endReceiving();
        try {
            answering.join(END_MILLIS);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
