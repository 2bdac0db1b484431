package org.halvs.ha.arbitration;

import java.lang.System.Logger.Level;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.halvs.ha.takeover.ClaimReport;
import org.halvs.ha.takeover.ClaimResult;
import org.halvs.linux.ArpFrame;
import org.halvs.linux.IpAddress;
import org.halvs.linux.Link;
import org.halvs.linux.LinkLayerSocket;
import org.halvs.linux.LinuxException;
import org.halvs.linux.MacAddress;
import org.halvs.linux.NeighbourProbe;
import org.halvs.linux.Rtnetlink;
import org.halvs.resource.address.AddressRequest;
import org.halvs.resource.address.AddressResolution;
import org.halvs.resource.address.FloatingAddress;
import org.halvs.resource.address.HostNetwork;

/** One check of a few groups: three rounds of questions 10 ms apart, and what comes back. Confined to its thread. */
final class LinuxClaimCheck implements Runnable {
    private static final System.Logger LOG = System.getLogger(LinuxClaimCheck.class.getName());
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final int ROUNDS = 3;
    private static final long ROUND_NANOS = 10_000_000L;
    private static final int SLICE_MILLIS = 1;
    /** On a busy network the check comes to its other duties all the same. */
    private static final int MOST_FRAMES_A_TURN = 200;

    private final LinuxClaimNetwork network;
    private final Rtnetlink rtnetlink;
    private final List<ClaimQuestion> questions;
    private final Consumer<ClaimReport> done;
    private final LinkedBlockingQueue<ClaimFrame> answers = new LinkedBlockingQueue<>(1_000);
    private final Map<String, ClaimProbe> open = new LinkedHashMap<>();
    /** The frames that ask for addresses, by the interface they leave by. */
    private final Map<Integer, List<byte[]>> probes = new LinkedHashMap<>();

    private final Set<Link> askedOn = new LinkedHashSet<>();
    private long heardFrames;
    private boolean ipv4;
    private boolean ipv6;

    LinuxClaimCheck(
            LinuxClaimNetwork network, Rtnetlink rtnetlink, List<ClaimQuestion> questions, Consumer<ClaimReport> done) {
        this.network = network;
        this.rtnetlink = rtnetlink;
        this.questions = questions;
        this.done = done;
    }

    @Override
    public void run() {
        long nonce = RANDOM.nextLong();
        try {
            prepare();
            network.expect(nonce, answers::offer);
            listen(nonce);
        } catch (LinuxException e) {
            LOG.log(Level.WARNING, "Who has what can''t be found out: {0}", e.getMessage());
            questions.stream()
                    .filter(q -> open.containsKey(q.group()))
                    .forEach(q -> cannotTell(q.group(), String.valueOf(e.getMessage())));
        } finally {
            network.forget(nonce);
        }
    }

    // --- where to ask ------------------------------------------------------------------------------------------------

    private void prepare() {
        questions.forEach(q -> open.put(q.group(), new ClaimProbe(q.group(), Set.of(), Set.of(), q.patient())));
        HostNetwork host = HostNetwork.read(rtnetlink);
        Map<String, Link> links = new LinkedHashMap<>();
        rtnetlink.links().forEach(link -> links.put(link.name(), link));
        Set<MacAddress> own =
                links.values().stream().flatMap(link -> link.mac().stream()).collect(Collectors.toSet());
        network.heartbeatLinks().stream()
                .map(links::get)
                .filter(link -> link != null && carries(link))
                .forEach(askedOn::add);
        for (ClaimQuestion question : questions) {
            Set<IpAddress> addresses = new LinkedHashSet<>();
            Optional<String> obstacle = Optional.empty();
            AddressResolution resolution = new AddressResolution(host);
            for (AddressRequest request : question.requests()) {
                if (resolution.resolve(request)
                        instanceof AddressResolution.Resolved.Address(FloatingAddress address)) {
                    Link link = links.get(address.device());
                    if (link == null || link.hardwareType() != Link.ETHERNET) {
                        continue; // nobody else can have it there
                    }
                    if (!carries(link)) {
                        obstacle = Optional.of(link.name() + (link.up() ? " has no carrier" : " is down"));
                        continue;
                    }
                    askedOn.add(link);
                    if (question.probe()) {
                        addresses.add(address.address());
                        probes.computeIfAbsent(link.index(), _ -> new ArrayList<>())
                                .add(probe(link, address.address()));
                    }
                }
            }
            if (obstacle.isPresent()) {
                cannotTell(question.group(), obstacle.get());
            } else {
                open.put(question.group(), new ClaimProbe(question.group(), addresses, own, question.patient()));
            }
        }
    }

    private static boolean carries(Link link) {
        return link.up() && link.carrier() && link.mac().isPresent();
    }

    private byte[] probe(Link link, IpAddress address) {
        MacAddress mac = link.mac().orElseThrow();
        ipv4 |= address.isIpv4();
        ipv6 |= !address.isIpv4();
        return address.isIpv4() ? ArpFrame.probe(mac, address).bytes() : new NeighbourProbe(mac, address).bytes();
    }

    private void cannotTell(String group, String reason) {
        open.remove(group);
        done.accept(new ClaimReport(group, new ClaimResult.CannotTell(reason), Map.of()));
    }

    // --- asking and listening ----------------------------------------------------------------------------------------

    private void listen(long nonce) {
        try (LinkLayerSocket arp = ipv4 ? LinkLayerSocket.openForArp() : null;
                LinkLayerSocket neighbours = ipv6 ? LinkLayerSocket.openFor(NeighbourProbe.ETHERTYPE) : null) {
            long begun = System.nanoTime();
            long askedNanos = begun;
            int rounds = 0;
            while (!open.isEmpty()) {
                long now = System.nanoTime();
                if (rounds < ROUNDS && now - begun >= rounds * ROUND_NANOS) {
                    rounds++;
                    askedNanos = now;
                    ask(nonce);
                }
                if (arp == null && neighbours == null) {
                    awaitAnswer();
                }
                while (arp != null && hearArp(arp)) {
                    // a thread that was held up reads all that came meanwhile before it speaks of silence
                }
                while (neighbours != null && hearAdvertisement(neighbours)) {
                    // likewise
                }
                takeAnswers();
                boolean patient = rounds == ROUNDS && System.nanoTime() - askedNanos >= ROUND_NANOS;
                report(patient ? System.nanoTime() - begun : 0);
            }
        }
    }

    private boolean hearArp(LinkLayerSocket socket) {
        Optional<LinkLayerSocket.Frame> frame = socket.receive(SLICE_MILLIS);
        frame.flatMap(f -> ArpFrame.parse(f.bytes())).ifPresent(this::heard);
        return frame.isPresent() && ++heardFrames % MOST_FRAMES_A_TURN != 0;
    }

    private boolean hearAdvertisement(LinkLayerSocket socket) {
        Optional<LinkLayerSocket.Frame> frame = socket.receive(SLICE_MILLIS);
        frame.flatMap(f -> NeighbourProbe.advertised(f.bytes())).ifPresent(at -> located(at.target(), at.mac()));
        return frame.isPresent() && ++heardFrames % MOST_FRAMES_A_TURN != 0;
    }

    private void ask(long nonce) {
        List<String> keys = List.copyOf(open.keySet());
        askedOn.forEach(link -> network.ask(nonce, link, keys));
        probes.forEach((index, frames) -> frames.forEach(frame -> network.send(index, frame)));
    }

    private void takeAnswers() {
        for (ClaimFrame frame = answers.poll(); frame != null; frame = answers.poll()) {
            ClaimFrame answer = frame;
            open.values().forEach(probe -> probe.answered(answer));
        }
    }

    private void awaitAnswer() {
        try {
            ClaimFrame frame = answers.poll(SLICE_MILLIS, TimeUnit.MILLISECONDS);
            if (frame != null) {
                open.values().forEach(probe -> probe.answered(frame));
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private void heard(ArpFrame frame) {
        if (!frame.sender().equals(IpAddress.ANY_IPV4)) {
            located(frame.sender(), frame.senderMac());
        }
    }

    private void located(IpAddress address, MacAddress mac) {
        open.values().forEach(probe -> probe.located(address, mac));
    }

    private void report(long elapsedNanos) {
        for (ClaimProbe probe : List.copyOf(open.values())) {
            probe.report(elapsedNanos).ifPresent(report -> {
                open.remove(report.group());
                done.accept(report);
            });
        }
    }
}
