package org.halvs.ldirectord;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.halvs.linux.IpAddress;

/** What follows {@code virtual =}, as written. */
public sealed interface VirtualAddress {

    /**
     * An address or host name and a port.
     *
     * @param host with its brackets when it is a literal IPv6 address
     * @param port a number or the name of a service
     */
    record HostAndPort(String host, String port) implements VirtualAddress {
        @Override
        public String toString() {
            return host + ":" + port;
        }
    }

    /** A firewall mark; the digits may be any number of them. */
    record Mark(String digits) implements VirtualAddress {
        @Override
        public String toString() {
            return digits;
        }
    }

    /** What reading one came to. */
    sealed interface Outcome {}

    /**
     * It is well-formed.
     *
     * @param rest what stands after it on the line, which ldirectord ignores
     */
    record Read(VirtualAddress address, String rest) implements Outcome {}

    /** It is not, in ldirectord's words. */
    record Refused(String complaint) implements Outcome {}

    Pattern IPV6_PORT = Pattern.compile("(\\[([0-9A-Fa-f:]+)\\]):([0-9A-Za-z_-]+)");
    Pattern HOST_PORT = Pattern.compile("([0-9A-Za-z._+-]+):([0-9A-Za-z_-]+)");
    Pattern DIGITS = Pattern.compile("\\d+");

    /** Reads the value of {@code virtual} or, with {@code ipv6}, {@code virtual6}. */
    static Outcome read(String value, boolean ipv6) {
        Matcher literal = IPV6_PORT.matcher(value);
        if (literal.lookingAt()) {
            if (!ipv6) {
                return new Refused("cannot specify an IPv6 address here. please use \"virtual6\" instead.");
            }
            if (IpAddress.parse(literal.group(2)).isEmpty()) {
                return new Refused("invalid ipv6 address for virtual server");
            }
            return new Read(new HostAndPort(literal.group(1), literal.group(3)), value.substring(literal.end()));
        }
        Matcher named = HOST_PORT.matcher(value);
        if (named.lookingAt()) {
            return new Read(new HostAndPort(named.group(1), named.group(2)), value.substring(named.end()));
        }
        Matcher mark = DIGITS.matcher(value);
        if (mark.lookingAt()) {
            return new Read(new Mark(mark.group()), value.substring(mark.end()));
        }
        return new Refused("invalid address for virtual server");
    }
}
