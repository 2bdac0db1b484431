package org.halvs.resource.address;

import java.util.Optional;

/**
 * The heartbeat resource scripts that hold an address, by the names haresources uses. They take the same argument and
 * differ in details.
 */
public enum AddressScript {
    /**
     * IPv4 by {@code ifconfig} aliases: an address without a label gets the first free {@code eth0:0}, {@code eth0:1}
     * and so on.
     */
    IPADDR("IPaddr"),

    /** By {@code ip addr}: no label unless one is given. */
    IPADDR2("IPaddr2"),

    /** IPv6 only. */
    IPV6ADDR("IPv6addr");

    private final String agent;

    AddressScript(String agent) {
        this.agent = agent;
    }

    /** The script's name. */
    public String agent() {
        return agent;
    }

    /** The script of this name, upper and lower case as written; empty for any other resource. */
    public static Optional<AddressScript> named(String agent) {
        for (AddressScript script : values()) {
            if (script.agent.equals(agent)) {
                return Optional.of(script);
            }
        }
        return Optional.empty();
    }
}
