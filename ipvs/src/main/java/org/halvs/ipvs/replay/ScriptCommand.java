package org.halvs.ipvs.replay;

import java.util.List;
import org.halvs.ipvs.capture.FrameBytes;
import org.halvs.ipvs.forward.NetworkView.InterfaceAddress;
import org.halvs.linux.IpAddress;
import org.halvs.linux.MacAddress;

/** One line of a script. */
sealed interface ScriptCommand {

    record Interface(String name, MacAddress mac, List<InterfaceAddress> addresses) implements ScriptCommand {}

    record Mtu(String name, int bytes) implements ScriptCommand {}

    record RouteVia(IpAddress destination, int prefixLength, IpAddress gateway) implements ScriptCommand {}

    record RouteDevice(IpAddress destination, int prefixLength, String interfaceName) implements ScriptCommand {}

    record Neighbour(String interfaceName, IpAddress address, MacAddress mac) implements ScriptCommand {}

    record Ipvsadm(List<String> arguments) implements ScriptCommand {}

    record Sysctl(String key, String value) implements ScriptCommand {}

    record Advance(long nanos) implements ScriptCommand {}

    /** A frame arrives; {@code mark} 0 is none. */
    record Frame(String interfaceName, FrameBytes bytes, long mark) implements ScriptCommand {}
}
