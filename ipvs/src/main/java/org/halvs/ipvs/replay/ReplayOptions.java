package org.halvs.ipvs.replay;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.halvs.ipvs.ForwardingTable;

/** What {@code halvs replay} is asked to do. */
public sealed interface ReplayOptions {

    /**
     * Executes a script.
     *
     * @param file the script; empty for standard input
     * @param echo whether the lines of the script are printed too
     */
    record Script(Optional<Path> file, boolean echo) implements ReplayOptions {}

    /**
     * Puts captures through the core.
     *
     * @param rules where the table comes from
     * @param network a script that describes the network and settings; when empty the network is inferred from the captures
     * @param marks rules of iptables that give packets their firewall marks; when empty no packet has one
     * @param output the capture of what leaves the director, pcapng when the name ends so, else pcap; when empty only the log is written
     */
    record Captures(
            Rules rules, Optional<Path> network, Optional<Path> marks, List<Input> inputs, Optional<Path> output)
            implements ReplayOptions {
        public Captures {
            inputs = List.copyOf(inputs);
        }
    }

    /** Where a table comes from. */
    sealed interface Rules {
        /** The output of {@code ipvsadm -S}. */
        record File(Path file) implements Rules {}

        /** A table compiled from another dialect. */
        record Table(ForwardingTable table) implements Rules {}
    }

    /**
     * A capture.
     *
     * @param interfaceName where frames arrive whose interface the file does not name; when empty the name of the file without its ending
     */
    record Input(Path file, Optional<String> interfaceName) {}
}
