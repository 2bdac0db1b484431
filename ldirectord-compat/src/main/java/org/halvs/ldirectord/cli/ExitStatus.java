package org.halvs.ldirectord.cli;

/** The exit statuses of ldirectord. */
final class ExitStatus {
    static final int DONE = 0;
    /** A pid file is left of a daemon that is gone; there is no configuration; nothing to reload. */
    static final int FAILURE = 1;

    static final int CONFIGURATION_ERROR = 2;
    /** COMPAT: a Perl program that dies of a missing file ends with the number of the error, ENOENT. */
    static final int NO_IPVSADM = 2;
    /** What the LSB wants status to say of a program that does not run. */
    static final int NOT_RUNNING = 3;

    static final int USAGE = 255;

    private ExitStatus() {}
}
