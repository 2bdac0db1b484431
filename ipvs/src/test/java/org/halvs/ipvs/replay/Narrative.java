package org.halvs.ipvs.replay;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.halvs.ipvs.ConnectionEntry;
import org.halvs.ipvs.admin.Ipvsadm;
import org.halvs.ipvs.admin.MemoryNameService;
import org.halvs.ipvs.admin.Outcome;
import org.halvs.ipvs.forward.IpvsProcessor;
import org.halvs.linux.IpAddress;

/**
 * Plays a section of a recorded story of a director and collects where the core differs.
 *
 * <pre>
 * > PACKET => ANSWER   a packet arrives; ANSWER is a packet, "nothing" or "local" (the kernel's own stack answers)
 * call-id WORD         belongs to the packet before: its SIP Call-ID
 * $ ipvsadm …          with its output and [exit N]; connections in any order, their times within the tolerance
 * $ cat /proc/net/ip_vs_conn
 * t=N                  N seconds after the last packet, with the lines of /proc/net/ip_vs_conn there were
 * ! …                  not recorded: a line of a replay script, or one of the words below
 * ! open               from now on each SYN is followed by the rest of the handshake
 * ! mark N             from now on packets have a firewall mark
 * ! tolerance N        connections may have up to N seconds more left than recorded
 * ! live               the next command shows counters the core already has and the kernel had not read yet; it is not compared
 * ! some               listings of connections may have more lines than recorded
 * </pre>
 */
final class Narrative {
    static final String NETWORK = """
            interface e0 02:00:00:00:01:01 10.0.1.1/24,10.0.1.100/32
            interface e1 02:00:00:00:02:01 10.0.2.1/24
            route default via 10.0.1.254
            neighbour e0 10.0.1.254 02:00:00:00:01:02
            neighbour e1 10.0.2.11 02:00:00:00:02:0b
            neighbour e1 10.0.2.12 02:00:00:00:02:0c
            neighbour e1 10.0.2.13 02:00:00:00:02:0d
            """;

    private final ReplayDirector director =
            new ReplayDirector(new IpvsProcessor(IpvsProcessor.Options.DEFAULT, 0), new ReplayNetwork());
    private final Ipvsadm ipvsadm = new Ipvsadm(new MemoryNameService(""));
    private final List<String> differences = new ArrayList<>();
    private boolean open;
    private boolean some;
    private boolean live;
    private long mark;
    private int tolerance = 1;
    private long lastPacketNanos;

    /** Plays the lines; answers what differs, a text for each place. */
    static List<String> play(List<String> lines) {
        Narrative narrative = new Narrative();
        narrative.script(NETWORK);
        int i = 0;
        while (i < lines.size()) {
            String line = lines.get(i++);
            if (line.startsWith("> ")) {
                boolean sip = i < lines.size() && lines.get(i).startsWith("call-id ");
                narrative.packet(line.substring(2), sip ? Optional.of(lines.get(i)) : Optional.empty());
            } else if (line.startsWith("! ")) {
                narrative.direct(line.substring(2));
            } else if (line.startsWith("t=")) {
                List<String> entries = new ArrayList<>();
                while (i < lines.size() && lines.get(i).startsWith("UDP ")) {
                    entries.add(lines.get(i++));
                }
                narrative.sample(Long.parseLong(line.substring(2)), entries);
            } else if (line.startsWith("$ ")) {
                List<String> output = new ArrayList<>();
                while (i < lines.size() && !isEnd(lines.get(i))) {
                    output.add(lines.get(i++));
                }
                narrative.command(line.substring(2), output, i < lines.size() ? lines.get(i) : "");
            }
        }
        return narrative.differences;
    }

    private static boolean isEnd(String line) {
        return line.startsWith("[exit ")
                || line.startsWith("> ")
                || line.startsWith("$ ")
                || line.startsWith("! ")
                || line.isEmpty();
    }

    private void script(String text) {
        Outcome outcome = new ScriptRunner(director, new MemoryNameService(""), false).run("story", text);
        if (outcome.exitStatus() != 0 || outcome.stdout().contains("| exit")) {
            throw new IllegalArgumentException(text + outcome.stderr() + outcome.stdout());
        }
    }

    private void direct(String words) {
        String[] parts = words.split(" ");
        switch (parts[0]) {
            case "open" -> open = true;
            case "plain" -> open = false;
            case "some" -> some = true;
            case "live" -> live = true;
            case "mark" -> mark = Long.parseLong(parts[1]);
            case "tolerance" -> tolerance = Integer.parseInt(parts[1]);
            default -> script(words);
        }
    }

    private void packet(String line, Optional<String> callId) {
        String brief = line.substring(0, line.indexOf(" => "));
        String expected = line.substring(line.indexOf(" => ") + 4).replaceAll("rest=[0-9a-f]+ ", "");
        Optional<String> payload =
                callId.map(text -> "INVITE sip:b@x SIP/2.0\r\nCall-ID: " + text.substring(8) + "\r\n\r\n");
        String answer = answer(send(brief, payload));
        if (!answer.equals(expected) && !(answer.equals("local") && isRouted(brief, expected))) {
            differences.add(brief + "\n    recorded: " + expected + "\n    core:     " + answer);
        }
        if (open && brief.endsWith(" S ttl=64") && expected.startsWith("be ")) {
            shakeHands(brief, expected);
        }
    }

    /** The kernel's timers fire up to a tenth late, so a look at a full second sees what was there just before it. */
    private void sample(long seconds, List<String> recorded) {
        long at = lastPacketNanos + Math.max(0, seconds * 1_000_000_000L - 100_000_000L);
        director.advance(at - director.nowNanos());
        compareConnections(
                "t=" + seconds,
                recorded,
                director.connections().stream().map(Narrative::procLine).toList());
    }

    /** Whether a packet went on untranslated, by plain routing, which is the kernel's own. */
    private static boolean isRouted(String brief, String expected) {
        String[] in = brief.split(" ");
        String[] out = expected.split(" ");
        return in[0].equals("be") && out[0].equals("cl") && in[1].equals(out[1]);
    }

    private List<Answer> send(String brief, Optional<String> payload) {
        TestFrames.Arrival arrival = TestFrames.of(brief, payload);
        lastPacketNanos = director.nowNanos();
        return director.frame(
                arrival.interfaceName(),
                arrival.bytes(),
                arrival.interfaceName().equals("e0") ? mark : 0);
    }

    private static String answer(List<Answer> answers) {
        List<String> parts = new ArrayList<>();
        for (Answer answer : answers) {
            switch (answer) {
                case Answer.Sent sent ->
                    parts.add((sent.interfaceName().equals("e0") ? "cl " : "be ") + FrameBrief.of(sent.bytes()));
                case Answer.Local _ -> parts.add("local");
                case Answer.Dropped _ -> {
                    // a packet that vanishes
                }
                case Answer.Unresolved unresolved -> parts.add(unresolved.toString());
            }
        }
        return parts.isEmpty() ? "nothing" : String.join("; ", parts);
    }

    /** The server's SYN/ACK where it passes the director (NAT), and the client's ACK. */
    private void shakeHands(String syn, String forwarded) {
        String[] in = syn.split("[ >]");
        String[] out = forwarded.split("[ >]");
        boolean translated = !in[2].equals(out[2]);
        if (translated) {
            send("be " + out[2] + ">" + out[1] + " TCP " + out[5] + ">" + out[4] + " SA ttl=64", Optional.empty());
        }
        send(syn.replace(" S ttl", " A ttl"), Optional.empty());
    }

    private void command(String command, List<String> recorded, String end) {
        if (command.equals("cat /proc/net/ip_vs_conn")) {
            List<String> actual =
                    director.connections().stream().map(Narrative::procLine).toList();
            compareConnections(command, recorded.subList(1, recorded.size()), actual);
            return;
        }
        List<String> arguments = new ArrayList<>(Arrays.asList(command.split(" ")));
        arguments.removeFirst();
        Outcome outcome = ipvsadm.run(arguments, "", director);
        List<String> actual = (outcome.stdout() + outcome.stderr()).lines().toList();
        if (command.contains("-Lnc")) {
            compareConnections(command, recorded.subList(2, recorded.size()), actual.subList(2, actual.size()));
        } else if (live) {
            live = false;
        } else if (!actual.equals(recorded)) {
            differences.add("$ " + command + "\n    recorded:\n" + String.join("\n", recorded) + "\n    core:\n"
                    + String.join("\n", actual));
        }
        if (end.startsWith("[exit ") && !end.equals("[exit " + outcome.exitStatus() + "]")) {
            differences.add("$ " + command + "\n    recorded: " + end + "\n    core: " + outcome.exitStatus());
        }
    }

    private void compareConnections(String command, List<String> recorded, List<String> actual) {
        List<String> rest = new ArrayList<>(actual);
        for (String line : recorded) {
            Optional<String> match = rest.stream()
                    .filter(candidate -> timeless(candidate).equals(timeless(line)))
                    .findFirst();
            if (match.isEmpty()) {
                differences.add("$ " + command + "\n    recorded, not there: " + line + "\n    rest: " + rest);
                continue;
            }
            rest.remove(match.get());
            long more = seconds(match.get()) - seconds(line);
            if (more < -1 || more > tolerance) {
                differences.add("$ " + command + "\n    recorded: " + line + "\n    core:     " + match.get());
            }
        }
        if (!rest.isEmpty() && !some) {
            differences.add("$ " + command + "\n    not recorded: " + String.join("\n                  ", rest));
        }
    }

    private static String timeless(String line) {
        return line.replaceAll(" [0-9]+:[0-9][0-9] ", " ")
                .replaceAll(
                        "(?<=(NONE|ASSURED|UDP|SYN_RECV|ESTABLISHED|LISTEN|CLOSE|CLOSE_WAIT|FIN_WAIT|TIME_WAIT))"
                                + " +[0-9]+(?= |$)",
                        "")
                .replaceAll(" +", " ")
                .strip();
    }

    private static long seconds(String line) {
        String[] words = line.strip().split(" +");
        if (words[1].indexOf(':') > 0) {
            String[] parts = words[1].split(":");
            return Long.parseLong(parts[0]) * 60 + Long.parseLong(parts[1]);
        }
        return Long.parseLong(words[8]);
    }

    private static String procLine(ConnectionEntry entry) {
        String protocol = switch (entry.protocol()) {
            case 0 -> "IP";
            case 6 -> "TCP";
            default -> "UDP";
        };
        return protocol + " " + hex(entry.client()) + " " + hex(entry.clientPort()) + " " + hex(entry.virtual()) + " "
                + hex(entry.virtualPort()) + " " + hex(entry.destination()) + " " + hex(entry.destinationPort()) + " "
                + entry.state() + " " + entry.expiresSeconds()
                + entry.engine()
                        .map(engine -> " " + engine + " " + entry.engineData())
                        .orElse("");
    }

    private static String hex(IpAddress address) {
        return String.format(java.util.Locale.ROOT, "%08X", address.ipv4());
    }

    private static String hex(int port) {
        return String.format(java.util.Locale.ROOT, "%04X", port);
    }
}
