package org.halvs.bench.failover;

/** The files heartbeat and HALVS both read. */
final class HaFiles {
    static final String AUTHKEYS = "auth 1\n1 sha1 benchmark\n";

    /** A resource that starts everywhere but on alice. */
    static final String FAILING_ON_ALICE = """
            #!/bin/sh
            case $1 in
              start) [ "$(uname -n)" != alice ] ;;
              status) echo stopped; exit 3 ;;
              *) exit 0 ;;
            esac
            """;

    private HaFiles() {}

    /** ha.cf without its times. */
    static String haCf(Contender.Wish wish) {
        String media = wish.heartbeatOnCable()
                ? "ucast eth1 10.78.0.11\nucast eth1 10.78.0.12\n"
                : "ucast eth0 10.77.0.11\nucast eth0 10.77.0.12\n";
        return "udpport 694\n" + media + "auto_failback " + (wish.autoFailback() ? "on" : "off")
                + "\nnode alice\nnode bob\n";
    }

    static String haresources(Contender.Wish wish) {
        return "alice IPaddr2::" + Street.VIP + "/24/eth0" + (wish.startFailsOnAlice() ? " failing" : "") + "\n";
    }
}
