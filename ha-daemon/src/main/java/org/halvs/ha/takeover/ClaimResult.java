package org.halvs.ha.takeover;

import org.halvs.linux.IpAddress;
import org.halvs.linux.MacAddress;

/** What was found out on a group's own network about who has its addresses now. */
public sealed interface ClaimResult {

    /** Nobody answers for any of the addresses, and no daemon says that it has the group. */
    record Free() implements ClaimResult {}

    /** The daemon of {@code node} lives and has the group. */
    record HeldByLiveDaemon(String node) implements ClaimResult {}

    /** Somebody answers for {@code address}, and no daemon says that it has the group: a frozen or dead daemon's kernel, or a stranger. */
    record AnsweredWithoutDaemon(IpAddress address, MacAddress mac) implements ClaimResult {}

    /**
     * The question could not be asked.
     *
     * @param reason one clause, such as {@code eth0 has no carrier}
     */
    record CannotTell(String reason) implements ClaimResult {}
}
