package org.halvs.ipvs.admin;

/** What {@link CommandParser} makes of a command line. */
public sealed interface ParsedCommand {

    record Accepted(AdminCommand command) implements ParsedCommand {}

    /**
     * A command line ipvsadm does not understand.
     *
     * @param message for standard error, without the last line end
     * @param exitStatus 2 for what ipvsadm checks itself, 255 for what libpopt finds and for a missing command
     * @param endsRestore whether {@code ipvsadm -R} stops at such a line; it goes on after what libpopt finds
     */
    record Refused(String message, int exitStatus, boolean endsRestore) implements ParsedCommand {}
}
