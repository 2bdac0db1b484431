package org.halvs.ha.runtime;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.halvs.director.DirectorStatus;
import org.halvs.director.ServerAddress;
import org.halvs.director.ServerName;
import org.halvs.director.ServerOverride;
import org.halvs.ha.cluster.ControlLoop;
import org.halvs.ha.control.Answer;
import org.halvs.ha.event.DomainEvent;
import org.halvs.linux.IpAddress;

/**
 * {@code halvs drain SERVER} and {@code halvs weight SERVER N}: what an operator orders for a real server, in every service that has it. The answer
 * comes when the table is as ordered. An order survives reloads and changes of owner, and reaches the other nodes, see {@link OrderBook}.
 */
final class ServerOrders {
    private static final int REFUSED = 1;
    private static final int USAGE = 2;
    private static final int LARGEST_WEIGHT = 65_535;
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final String FORCE = "--force";

    private final ControlLoop loop;
    private final EventSink events;
    private final Directors directors;
    private final OrderBook book;
    private final NodePlane plane;

    ServerOrders(ControlLoop loop, EventSink events, Directors directors, OrderBook book, NodePlane plane) {
        this.loop = loop;
        this.events = events;
        this.directors = directors;
        this.book = book;
        this.plane = plane;
    }

    /** {@code drain [--force] SERVER}. */
    Answer drain(List<String> arguments) {
        List<String> words =
                arguments.stream().filter(word -> !word.equals(FORCE)).toList();
        if (words.size() != 1) {
            return usage("drain [" + FORCE + "] SERVER[:PORT]");
        }
        return order(words.getFirst(), Optional.of(new ServerOverride.Drain()), arguments.contains(FORCE));
    }

    /** {@code weight [--force] SERVER N}, or {@code weight SERVER default}, which takes back every order. */
    Answer weight(List<String> arguments) {
        List<String> words =
                arguments.stream().filter(word -> !word.equals(FORCE)).toList();
        if (words.size() != 2) {
            return usage("weight [" + FORCE + "] SERVER[:PORT] N|default");
        }
        String wanted = words.getLast();
        if (wanted.equals("default")) {
            return order(words.getFirst(), Optional.empty(), true);
        }
        OptionalInt weight = weight(wanted);
        if (weight.isEmpty()) {
            return Answer.failed(
                    USAGE,
                    "halvs: a weight is a number of 0 to " + LARGEST_WEIGHT + ", or default, not " + wanted + "\n");
        }
        return order(
                words.getFirst(),
                Optional.of(new ServerOverride.Weight(weight.getAsInt())),
                weight.getAsInt() > 0 || arguments.contains(FORCE));
    }

    private static Answer usage(String command) {
        return Answer.failed(USAGE, "halvs: say " + command + "\n");
    }

    private static OptionalInt weight(String text) {
        return text.matches("[0-9]{1,5}") && Integer.parseInt(text) <= LARGEST_WEIGHT
                ? OptionalInt.of(Integer.parseInt(text))
                : OptionalInt.empty();
    }

    private Answer order(String server, Optional<ServerOverride> order, boolean force) {
        Optional<Wanted> wanted = Wanted.parse(server);
        if (wanted.isEmpty()) {
            return Answer.failed(
                    USAGE, "halvs: " + server + " is no address; say 10.0.0.1, 10.0.0.1:80 or [2001:db8::1]:80\n");
        }
        Answer answer =
                loop.ask(() -> carryOut(server, wanted.get(), order, force)).join();
        if (answer.exit() == 0 && !plane.applied().apply(PATIENCE)) {
            return Answer.failed(
                    REFUSED, "halvs: ordered, but the table was not changed within " + PATIENCE.toSeconds() + " s\n");
        }
        return answer;
    }

    /** What an operator typed: an address, and a port where it matters. */
    record Wanted(IpAddress address, OptionalInt port) {
        static Optional<Wanted> parse(String text) {
            Optional<IpAddress> whole = IpAddress.parse(text.replaceFirst("^\\[(.*)\\]$", "$1"));
            if (whole.isPresent()) {
                return whole.map(address -> new Wanted(address, OptionalInt.empty()));
            }
            int colon = text.lastIndexOf(':');
            String port = colon < 0 ? "" : text.substring(colon + 1);
            if (!port.matches("[0-9]{1,5}")) {
                return Optional.empty();
            }
            return IpAddress.parse(text.substring(0, colon).replaceFirst("^\\[(.*)\\]$", "$1"))
                    .map(address -> new Wanted(address, OptionalInt.of(Integer.parseInt(port))));
        }

        /** By the port of its {@code real =} line, or that in the table. */
        boolean means(ServerName server) {
            return server.address().equals(address)
                    && (port.isEmpty()
                            || port.getAsInt() == server.configuredPort()
                            || port.getAsInt() == server.port());
        }
    }

    private Answer carryOut(String text, Wanted wanted, Optional<ServerOverride> order, boolean force) {
        Set<ServerAddress> servers = new LinkedHashSet<>();
        List<String> known = new ArrayList<>();
        List<String> emptied = new ArrayList<>();
        for (Directors.Status configuration : directors.status()) {
            for (DirectorStatus service : configuration.services()) {
                for (DirectorStatus.Real real : service.reals()) {
                    known.add(real.server().configured());
                    if (wanted.means(real.server())) {
                        servers.add(new ServerAddress(
                                real.server().address(), real.server().configuredPort()));
                    }
                }
                if (isEmptied(service, wanted)) {
                    emptied.add(ServerName.ofService(service.service()));
                }
            }
        }
        if (servers.isEmpty()) {
            return Answer.failed(
                    REFUSED,
                    "halvs: no service has a real server " + text + "; there are "
                            + String.join(
                                    ", ", known.stream().distinct().sorted().toList()) + "\n");
        }
        if (order.isPresent() && !force && !emptied.isEmpty()) {
            return Answer.failed(
                    REFUSED,
                    "halvs: refused, nothing was changed: " + String.join(", ", emptied)
                            + " would have no real server left that takes connections; say " + FORCE
                            + " if that is meant\n");
        }
        book.order(servers, order, System.currentTimeMillis());
        events.emit(new DomainEvent.DirectorChanged(
                text, "an operator ordered for " + text + ": " + ServerOrder.describe(order)));
        return Answer.ok(report(wanted) + told());
    }

    /** Whether those meant are the last of the service that take connections. */
    private static boolean isEmptied(DirectorStatus service, Wanted wanted) {
        List<DirectorStatus.Real> taking = service.reals().stream()
                .filter(real -> real.listed() && real.weight() > 0)
                .toList();
        return !taking.isEmpty() && taking.stream().allMatch(real -> wanted.means(real.server()));
    }

    /** Who else carries it out now; a node that is not there is told when it joins. */
    private String told() {
        List<String> others = book.others();
        return others.isEmpty()
                ? ""
                : String.join(" ", others) + (others.size() == 1 ? " has" : " have")
                        + " been told: it holds there too\n";
    }

    private String report(Wanted wanted) {
        StringBuilder text = new StringBuilder();
        for (Directors.Status configuration : directors.status()) {
            for (DirectorStatus service : configuration.services()) {
                for (DirectorStatus.Real real : service.reals()) {
                    if (wanted.means(real.server())) {
                        text.append(ServerName.ofService(service.service()))
                                .append(": ")
                                .append(real.server().mapped())
                                .append(real.listed() ? " has weight " + real.weight() : " is not in the table")
                                .append(" (configured ")
                                .append(real.fullWeight())
                                .append(real.health() == DirectorStatus.Health.UP ? ")" : "; " + real.reason() + ")")
                                .append(configuration.active() ? "" : ", when this node serves it")
                                .append('\n');
                    }
                }
            }
        }
        return text.toString();
    }
}
