package org.halvs.ha.config;

import java.util.List;
import java.util.Optional;
import org.halvs.linux.IpAddress;

/** Reads the lines of ha.cf that name a way between the nodes. */
final class HaCfMedia {
    private static final int HIGHEST_PORT = 65535;
    private static final List<String> BAUD_RATES =
            List.of("9600", "19200", "38400", "57600", "115200", "230400", "460800");
    private static final List<String> MCAST_FIELDS = List.of("address", "port", "ttl", "loop");

    private HaCfMedia() {}

    static void udpport(HaCfReader reader, Directive line) {
        for (String word : line.arguments()) {
            Optional<Integer> port = number(word, 1, HIGHEST_PORT);
            if (port.isEmpty()) {
                reader.error(
                        line, "invalid port [" + word + "] specified.", "ports are 1 to 65535, heartbeat's own is 694");
                continue;
            }
            if (reader.mediaSeen()) {
                // COMPAT: as in heartbeat the lines above keep the port they were read with
                reader.warning(
                        line,
                        "udpport setting must precede media statements: the media above keep port " + reader.port(),
                        "move the line up");
            }
            reader.port(port.get());
        }
    }

    static void bcast(HaCfReader reader, Directive line) {
        for (String link : line.arguments()) {
            if (reader.host().hasInterface(link)) {
                reader.medium(new Medium.Bcast(link, reader.port()));
            } else {
                reader.error(line, "IP interface [" + link + "] does not exist", "name one that \"ip link\" shows");
            }
        }
    }

    static void udp(HaCfReader reader, Directive line) {
        reader.warning(line, "directive 'udp' replaced by 'bcast'", "write bcast");
        bcast(reader, line);
    }

    static void ucast(HaCfReader reader, Directive line) {
        List<String> words = line.arguments();
        boolean six = line.name().equals("ucast6");
        if (words.size() < 2) {
            reader.error(
                    line,
                    line.name() + " [" + words.getFirst() + "] missing address",
                    "write " + line.name() + " interface peer-address");
            return;
        }
        String text = words.get(1).replaceFirst("%.*", "");
        Optional<IpAddress> peer = IpAddress.parse(text).filter(a -> a.isIpv4() != six);
        if (peer.isEmpty()) {
            String form = six ? "an IPv6 address" : "an IPv4 address";
            reader.error(
                    line, line.name() + " [" + words.getFirst() + "] bad addr [" + words.get(1) + "]", "write " + form);
            return;
        }
        tooMany(reader, line, 2);
        missingInterface(reader, line);
        reader.medium(new Medium.Ucast(words.getFirst(), peer.get(), reader.port()));
    }

    static void mcast(HaCfReader reader, Directive line) {
        List<String> words = line.arguments();
        String link = words.getFirst();
        String form = line.name() + " interface group port ttl loop";
        if (words.size() < 5) {
            String missing = MCAST_FIELDS.get(words.size() - 1);
            reader.error(line, "mcast [" + link + "] missing " + missing, "write " + form);
            return;
        }
        boolean six = line.name().equals("mcast6");
        Optional<IpAddress> group =
                IpAddress.parse(words.get(1).replaceFirst("%.*", "")).filter(a -> a.isIpv4() != six && a.isMulticast());
        Optional<Integer> port = number(words.get(2), 1, HIGHEST_PORT);
        Optional<Integer> ttl = number(words.get(3), 0, 255);
        Optional<Integer> loop = number(words.get(4), 0, 1);
        if (group.isEmpty()) {
            String range = six ? "a group is in ff00::/8" : "a group is in 224.0.0.0/4";
            reader.error(line, "mcast [" + link + "] bad addr [" + words.get(1) + "]", range);
        } else if (port.isEmpty()) {
            reader.error(line, "mcast [" + link + "] bad port [" + words.get(2) + "]", "ports are 1 to 65535");
        } else if (ttl.isEmpty()) {
            reader.error(line, "mcast [" + link + "] bad ttl [" + words.get(3) + "]", "0 to 255; 1 stays on the link");
        } else if (loop.isEmpty()) {
            reader.error(line, "mcast [" + link + "] bad loop [" + words.get(4) + "]", "0 or 1");
        } else {
            tooMany(reader, line, 5);
            missingInterface(reader, line);
            reader.medium(new Medium.Mcast(link, group.get(), port.get(), ttl.get(), loop.get() == 1));
        }
    }

    static void serial(HaCfReader reader, Directive line) {
        for (String device : line.arguments()) {
            reader.medium(new Medium.Serial(device, reader.baud()));
        }
    }

    static void baud(HaCfReader reader, Directive line) {
        for (String word : line.arguments()) {
            if (!BAUD_RATES.contains(word)) {
                reader.error(
                        line, "invalid baudrate [" + word + "] specified.", "one of " + String.join(", ", BAUD_RATES));
            } else if (reader.repeats(line)) {
                reader.error(line, "Baudrate multiply specified.", "keep one baud line");
            } else {
                reader.baud(Integer.parseInt(word));
            }
        }
    }

    /** heartbeat starts in spite of it and fails later (recorded), so it is no error here either. */
    private static void missingInterface(HaCfReader reader, Directive line) {
        String link = line.arguments().getFirst();
        if (!reader.host().hasInterface(link)) {
            reader.warning(line, "IP interface [" + link + "] does not exist", "this path stays dead until it does");
        }
    }

    private static void tooMany(HaCfReader reader, Directive line, int used) {
        if (line.arguments().size() > used) {
            String rest = String.join(
                    " ", line.arguments().subList(used, line.arguments().size()));
            reader.warning(line, "\"" + rest + "\" is ignored", "one line for each path");
        }
    }

    static Optional<Integer> number(String word, int low, int high) {
        if (!word.matches("[0-9]{1,9}")) {
            return Optional.empty();
        }
        int value = Integer.parseInt(word);
        return value >= low && value <= high ? Optional.of(value) : Optional.empty();
    }
}
