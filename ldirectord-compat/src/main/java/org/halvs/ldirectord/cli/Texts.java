package org.halvs.ldirectord.cli;

/** What ldirectord prints about itself. */
final class Texts {
    /** The version whose behaviour this is; scripts look for it. */
    static final String PROGRAM = "Linux Director v1.186-ha";

    static final String VERSION = PROGRAM + """

            as HALVS keeps to it: same configuration, same commands, same answers
            ldirectord was written by Jacob Rief, Horms and others; no line of theirs is in here
            """;

    static final String USAGE = """
            Usage:
                ldirectord [-d|--debug] [--] [configfile] start | stop | restart |
                try-restart | reload | force-reload | status

                ldirectord [-h|-?|--help|-v|--version]

            Options:
                configfile     looked for in /etc/ha.d, in /etc/ha.d/conf, and as a path;
                               ldirectord.cf when it is left out
                -d|--debug     stay in the foreground and say everything on standard error
                -h|--help      show the manual and end
                -v|--version   show the version and end

                start          start a daemon for the configuration
                stop           end it; returns when its services have left the table
                restart        stop and start; the configuration is read first
                try-restart    the same, where a daemon runs
                reload         make it read its configuration again; a file with an error
                               changes nothing
                force-reload   the same
                status         tell whether it runs: exit status 0 when it does, 3 when it
                               does not, 1 when only its pid file is left
            """;

    private Texts() {}
}
