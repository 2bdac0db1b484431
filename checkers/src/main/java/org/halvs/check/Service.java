package org.halvs.check;

import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;

/** The services a negotiating check can speak, by their names in ldirectord.cf ({@code service =}). */
public enum Service {
    DNS(53),
    FTP(21),
    HTTP(80),
    HTTPS(443),
    HTTP_PROXY(3128),
    IMAP(143),
    IMAPS(993),
    LDAP(389),
    LDAPS(636),
    MYSQL(3306),
    NNTP(119),
    /** No exchange at all: always up. */
    NONE(0),
    ORACLE(1521),
    PGSQL(5432),
    POP(110),
    POPS(995),
    RADIUS(1812),
    SIMPLETCP(0),
    SIP(5060),
    SMTP(25),
    SUBMISSION(587);

    private final int port;
    private final String word = name().toLowerCase(Locale.ROOT);

    Service(int port) {
        this.port = port;
    }

    /** The port the service is inferred from and checked on by default; empty where there is none. */
    public OptionalInt defaultPort() {
        return port == 0 ? OptionalInt.empty() : OptionalInt.of(port);
    }

    /** The name in ldirectord.cf: {@code http_proxy}. */
    public String word() {
        return word;
    }

    public static Optional<Service> of(String word) {
        for (Service service : values()) {
            if (service.word.equals(word)) {
                return Optional.of(service);
            }
        }
        return Optional.empty();
    }

    /** The service ldirectord assumes for a virtual service on {@code port}: {@link #NONE} for a port it does not know. */
    public static Service inferredFrom(int port) {
        for (Service service : values()) {
            if (service.port == port && port != 0) {
                return service;
            }
        }
        return NONE;
    }
}
