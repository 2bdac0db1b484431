package org.halvs.ipvs.replay;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.halvs.ipvs.capture.FrameBytes;
import org.halvs.ipvs.forward.NetworkView.InterfaceAddress;
import org.halvs.linux.IpAddress;
import org.halvs.linux.MacAddress;

/**
 * Reads scripts for {@code halvs replay --script}.
 *
 * <pre>
 * interface NAME MAC ADDR/PREFIX[,ADDR/PREFIX…]
 * mtu NAME N
 * route PREFIX via ADDR          (PREFIX may be "default")
 * route PREFIX dev NAME
 * neighbour NAME ADDR MAC
 * ipvsadm ARGS…
 * sysctl KEY=VALUE
 * advance DURATION               (500ms, 2s, 15m, 1.5h, 1d)
 * frame NAME HEX [mark N]
 * </pre>
 *
 * Blank lines and lines that begin with {@code #} say nothing.
 */
final class ScriptReader {
    private static final Pattern DURATION = Pattern.compile("([0-9]+(?:\\.[0-9]+)?)(ns|us|ms|s|m|h|d)");
    private static final int SMALLEST_MTU = 68;

    /** A command with the number of its line, the first is 1. */
    record Line(int number, String text, ScriptCommand command) {}

    /** What was read; a line with a problem is not among the lines. */
    record Script(List<Line> lines, List<String> problems) {
        Script {
            lines = List.copyOf(lines);
            problems = List.copyOf(problems);
        }
    }

    /** Says what is wrong with a line; never leaves this class. */
    private static final class Malformed extends Exception {
        private static final long serialVersionUID = 1L;

        Malformed(String message) {
            super(message, null, false, false);
        }
    }

    private ScriptReader() {}

    /** Reads a whole script; each problem begins with {@code name:line:}. */
    static Script read(String name, String text) {
        List<Line> lines = new ArrayList<>();
        List<String> problems = new ArrayList<>();
        int number = 0;
        for (String line : text.lines().toList()) {
            number++;
            String stripped = line.strip();
            if (stripped.isEmpty() || stripped.startsWith("#")) {
                continue;
            }
            try {
                lines.add(new Line(number, stripped, command(Arrays.asList(stripped.split("\\s+")))));
            } catch (Malformed malformed) {
                problems.add(name + ":" + number + ": " + malformed.getMessage());
            }
        }
        return new Script(lines, problems);
    }

    private static ScriptCommand command(List<String> words) throws Malformed {
        return switch (words.getFirst()) {
            case "interface" -> {
                require(words.size() == 4, "expected: interface NAME MAC ADDR/PREFIX[,ADDR/PREFIX…]");
                yield new ScriptCommand.Interface(words.get(1), mac(words.get(2)), addresses(words.get(3)));
            }
            case "mtu" -> {
                require(words.size() == 3, "expected: mtu NAME N");
                yield new ScriptCommand.Mtu(words.get(1), mtu(words.get(2)));
            }
            case "route" -> route(words);
            case "neighbour", "neighbor" -> {
                require(words.size() == 4, "expected: neighbour NAME ADDR MAC");
                yield new ScriptCommand.Neighbour(words.get(1), address(words.get(2)), mac(words.get(3)));
            }
            case "ipvsadm" -> new ScriptCommand.Ipvsadm(List.copyOf(words.subList(1, words.size())));
            case "sysctl" -> sysctl(String.join(" ", words.subList(1, words.size())));
            case "advance" -> {
                require(words.size() == 2, "expected: advance DURATION");
                yield new ScriptCommand.Advance(nanos(words.get(1)));
            }
            case "frame" -> frame(words);
            default ->
                throw new Malformed("unknown command " + words.getFirst()
                        + "; known are interface, mtu, route, neighbour, ipvsadm, sysctl, advance, frame");
        };
    }

    private static ScriptCommand route(List<String> words) throws Malformed {
        boolean withDevice = words.size() == 6 && words.get(4).equals("dev"); // "via A dev N" as ip-route(8) prints it
        require(words.size() == 4 || withDevice, "expected: route PREFIX via ADDR, or route PREFIX dev NAME");
        String way = words.get(3);
        return switch (words.get(2)) {
            case "via" -> {
                IpAddress gateway = address(way);
                InterfaceAddress prefix = prefix(words.get(1), gateway.family());
                yield new ScriptCommand.RouteVia(prefix.address(), prefix.prefixLength(), gateway);
            }
            case "dev" -> {
                InterfaceAddress prefix = prefix(words.get(1), IpAddress.Family.IPV4);
                yield new ScriptCommand.RouteDevice(prefix.address(), prefix.prefixLength(), way);
            }
            default -> throw new Malformed("a route goes \"via\" an address or by a \"dev\", not " + words.get(2));
        };
    }

    private static ScriptCommand sysctl(String assignment) throws Malformed {
        int equals = assignment.indexOf('=');
        require(equals > 0, "expected: sysctl KEY=VALUE");
        return new ScriptCommand.Sysctl(
                assignment.substring(0, equals).strip(),
                assignment.substring(equals + 1).strip());
    }

    private static ScriptCommand frame(List<String> words) throws Malformed {
        boolean marked = words.size() == 5 && words.get(3).equals("mark");
        require(words.size() == 3 || marked, "expected: frame NAME HEX [mark N]");
        FrameBytes bytes;
        try {
            bytes = FrameBytes.ofHex(words.get(2));
        } catch (IllegalArgumentException e) {
            throw new Malformed("a frame is written in pairs of hexadecimal digits without anything between them");
        }
        require(
                bytes.length() <= ReplayDirector.MAX_FRAME,
                "a frame has at most " + ReplayDirector.MAX_FRAME + " bytes");
        return new ScriptCommand.Frame(words.get(1), bytes, marked ? mark(words.get(4)) : 0);
    }

    private static long mark(String text) throws Malformed {
        try {
            long mark = Long.decode(text);
            require(mark >= 0 && mark <= 0xffffffffL, "a mark is between 0 and 4294967295, not " + text);
            return mark;
        } catch (NumberFormatException e) {
            throw new Malformed("not a mark: " + text);
        }
    }

    private static int mtu(String text) throws Malformed {
        try {
            int mtu = Integer.parseInt(text);
            require(mtu >= SMALLEST_MTU && mtu <= 65535, "an MTU is between 68 and 65535, not " + text);
            return mtu;
        } catch (NumberFormatException e) {
            throw new Malformed("not an MTU: " + text);
        }
    }

    /** Reads {@code 500ms} and its like. */
    static Optional<Long> duration(String text) {
        Matcher matcher = DURATION.matcher(text);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        long unit = switch (matcher.group(2)) {
            case "ns" -> 1L;
            case "us" -> 1_000L;
            case "ms" -> 1_000_000L;
            case "s" -> 1_000_000_000L;
            case "m" -> 60_000_000_000L;
            case "h" -> 3_600_000_000_000L;
            default -> 86_400_000_000_000L;
        };
        BigDecimal nanos = new BigDecimal(matcher.group(1)).multiply(BigDecimal.valueOf(unit));
        return nanos.compareTo(BigDecimal.valueOf(Long.MAX_VALUE / 4)) > 0
                ? Optional.empty()
                : Optional.of(nanos.longValue());
    }

    private static long nanos(String text) throws Malformed {
        return duration(text).orElseThrow(() -> new Malformed("not a duration: " + text + "; write 500ms, 2s, 15m"));
    }

    private static List<InterfaceAddress> addresses(String text) throws Malformed {
        List<InterfaceAddress> addresses = new ArrayList<>();
        for (String each : text.split(",")) {
            require(each.indexOf('/') > 0, "an address of an interface needs its prefix length: " + each);
            addresses.add(prefix(each, IpAddress.Family.IPV4));
        }
        return addresses;
    }

    private static InterfaceAddress prefix(String text, IpAddress.Family family) throws Malformed {
        if (text.equals("default")) {
            return new InterfaceAddress(family == IpAddress.Family.IPV4 ? IpAddress.ANY_IPV4 : IpAddress.ANY_IPV6, 0);
        }
        int slash = text.indexOf('/');
        IpAddress address = address(slash < 0 ? text : text.substring(0, slash));
        if (slash < 0) {
            return new InterfaceAddress(address, address.family().bits());
        }
        try {
            int length = Integer.parseInt(text.substring(slash + 1));
            require(length >= 0 && length <= address.family().bits(), "no such prefix length: " + text);
            return new InterfaceAddress(address, length);
        } catch (NumberFormatException e) {
            throw new Malformed("not a prefix length: " + text);
        }
    }

    private static IpAddress address(String text) throws Malformed {
        return IpAddress.parse(text).orElseThrow(() -> new Malformed("not an IP address: " + text));
    }

    private static MacAddress mac(String text) throws Malformed {
        return MacAddress.parse(text).orElseThrow(() -> new Malformed("not an Ethernet address: " + text));
    }

    private static void require(boolean holds, String message) throws Malformed {
        if (!holds) {
            throw new Malformed(message);
        }
    }
}
