package org.halvs.ha.arbitration;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A way to reset machines: command lines in which {@link #NODE} stands for the name of the machine.
 *
 * @param name for messages
 * @param nodes whom it can reset; empty for anybody
 * @param reset exit status 0 says that the machine was reset
 * @param off exit status 0 and {@code offText} in the output say that the machine is off, which is as good; empty without such a command
 * @param offText looked for in the output of {@code off}, in any case
 * @param status exit status 0 says that the device works; empty without such a command
 * @param secrets texts that must not appear in any message
 */
public record FenceDevice(
        String name,
        Set<String> nodes,
        List<String> reset,
        List<String> off,
        String offText,
        List<String> status,
        List<String> secrets) {
    /** Stands for the name of the machine in a command line. */
    public static final String NODE = "{node}";

    private static final String STONITH = "/usr/sbin/stonith";

    public FenceDevice {
        nodes = Set.copyOf(nodes);
        reset = List.copyOf(reset);
        off = List.copyOf(off);
        status = List.copyOf(status);
        secrets = List.copyOf(secrets);
    }

    /** A program of the site that gets the name of the machine as its argument. */
    public static FenceDevice program(String path) {
        return new FenceDevice(path, Set.of(), List.of(path, NODE), List.of(), "", List.of(), List.of());
    }

    /** heartbeat's {@code stonith TYPE CONFIGFILE}: its program resets any machine the device knows. */
    public static FenceDevice stonith(String type, String configFile) {
        List<String> base = List.of(STONITH, "-t", type, "-F", configFile);
        return stonithProgram(type, base, List.of());
    }

    /** heartbeat's {@code stonith_host HOST TYPE PARAMETERS…}. The parameters hold addresses and passwords, and none of them is ever shown. */
    public static FenceDevice stonithHost(String type, List<String> parameters) {
        List<String> base = List.of(STONITH, "-t", type, "-p", String.join(" ", parameters));
        List<String> secrets = new ArrayList<>(parameters);
        secrets.add(String.join(" ", parameters));
        return stonithProgram(type, base, secrets);
    }

    private static FenceDevice stonithProgram(String type, List<String> base, List<String> secrets) {
        return new FenceDevice(
                "stonith " + type,
                Set.of(),
                joined(base, "-T", "reset", NODE),
                List.of(),
                "",
                joined(base, "-S"),
                secrets);
    }

    /**
     * The management controller of one machine, through ipmitool.
     *
     * @param passwordFile so that no password stands in a list of processes
     */
    public static FenceDevice ipmi(String node, String host, String user, String passwordFile) {
        List<String> base = List.of("ipmitool", "-I", "lanplus", "-H", host, "-U", user, "-f", passwordFile);
        return new FenceDevice(
                "ipmitool " + host,
                Set.of(node),
                joined(base, "chassis", "power", "reset"),
                joined(base, "chassis", "power", "status"),
                "power is off",
                joined(base, "chassis", "power", "status"),
                List.of());
    }

    private static List<String> joined(List<String> base, String... more) {
        List<String> all = new ArrayList<>(base);
        all.addAll(List.of(more));
        return all;
    }

    boolean resets(String node) {
        return nodes.isEmpty() || nodes.contains(node);
    }

    /** A command line for one machine. */
    List<String> command(List<String> words, String node) {
        return words.stream().map(word -> word.equals(NODE) ? node : word).toList();
    }

    /** A text with everything secret in it blackened, on one line. */
    String hidden(String text) {
        String shown = text.strip().replaceAll("\\s*\\n\\s*", "; ");
        for (String secret : secrets) {
            if (secret.length() > 1) {
                shown = shown.replace(secret, "***");
            }
        }
        return shown;
    }

    /** Which of several devices resets a machine: the first. */
    static Optional<FenceDevice> of(List<FenceDevice> devices, String node) {
        return devices.stream().filter(device -> device.resets(node)).findFirst();
    }
}
