package org.halvs.lab;

import java.util.ArrayList;
import java.util.List;

/** An Ethernet switch of a lab. */
public final class Switch {
    static final String BRIDGE = "br0";

    private final Host host;
    private final List<Host> plugged = new ArrayList<>();

    Switch(Host host) {
        this.host = host;
    }

    /**
     * Plugs a host in.
     *
     * @param device the name the interface has on the host
     * @param prefix its address with prefix length, {@code 192.0.2.1/24}; empty for none
     */
    public void plug(Host guest, String device, String prefix) {
        plugged.add(guest);
        Command.output(
                "ip",
                "link",
                "add",
                port(guest),
                "netns",
                host.namespace(),
                "type",
                "veth",
                "peer",
                "name",
                device,
                "netns",
                guest.namespace());
        host.ip("link", "set", port(guest), "master", BRIDGE, "up");
        guest.ip("link", "set", device, "up");
        if (!prefix.isEmpty()) {
            guest.ip("address", "add", prefix, "broadcast", "+", "dev", device);
        }
    }

    /** Pulls the cable: both ends lose their carrier. */
    public void unplug(Host guest) {
        host.ip("link", "set", port(guest), "down");
    }

    /** Puts the cable back. */
    public void replug(Host guest) {
        host.ip("link", "set", port(guest), "up");
    }

    /** Lets frames of the host vanish in the switch, with the carrier still there. */
    public void silence(Host guest) {
        Command.output(
                "ip", "netns", "exec", host.namespace(), "bridge", "link", "set", "dev", port(guest), "state", "0");
    }

    /** The switch's end of a cable; numbered, because the names of hosts may be longer than those of interfaces. */
    private String port(Host guest) {
        return "port" + plugged.indexOf(guest);
    }
}
