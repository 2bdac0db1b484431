package org.halvs.resource.address;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Whether this host forwards packets: {@code /proc/sys/net}, of the network namespace of the process. */
public final class Forwarding {
    private Forwarding() {}

    /** Whether IPv6 packets that come in by {@code device} are forwarded; false also when that can't be found out. */
    public static boolean ipv6(String device) {
        try {
            // the name of a VLAN may have a dot, never a slash, so it is one part of a path
            return Files.readString(Path.of("/proc/sys/net/ipv6/conf", device, "forwarding"))
                    .startsWith("1");
        } catch (IOException _) {
            return false;
        }
    }
}
