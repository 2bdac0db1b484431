package org.halvs.lab.demo;

import org.halvs.lab.DirectorPair;

/**
 * The files of a recipe as administrators have followed it for fifteen years (heartbeat, ldirectord, LVS-TUN), changed in addresses, host
 * names, {@code quiescent} and the forwarding methods only.
 */
public final class RecipeFiles {
    public static final String HA_CF = """
            keepalive 1
            deadtime 10
            udpport 694
            ucast eth0 10.77.0.11
            ucast eth0 10.77.0.12
            auto_failback on
            node lb1
            node lb2
            """;

    public static final String AUTHKEYS = """
            auth 1
            1 sha1 a-secret-of-the-laboratory
            """;

    public static final String HARESOURCES = """
            lb1 \\
                    IPaddr2::%s/24  \\
                ldirectord
            """.formatted(DirectorPair.VIP);

    public static final String LDIRECTORD_CF = """
            checktimeout=5
            checkinterval=1
            autoreload=yes
            quiescent=yes
            virtual=%s:80
                    real=10.77.0.21:80 masq
                    real=10.77.0.22:80 gate
                    real=10.77.0.23:80 ipip
                persistent= 3600
                    scheduler=wlc
                    service=http
                    protocol=tcp
                    checktype=negotiate
                    checkport=80
            """.formatted(DirectorPair.VIP);

    private RecipeFiles() {}

    /** Gives both directors the files. */
    public static void install(DirectorPair pair) {
        pair.configure("ha.cf", HA_CF);
        pair.configure("authkeys", AUTHKEYS);
        pair.configure("haresources", HARESOURCES);
        pair.configure("ldirectord.cf", LDIRECTORD_CF);
    }
}
