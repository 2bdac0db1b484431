package org.halvs.ldirectord;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The directives of ldirectord.cf except the two that open a block, {@code virtual} and {@code virtual6}. */
public enum Directive {
    REAL(Scope.VIRTUAL, "", "", "address[:port] gate|masq|ipip [weight] [\"request\", \"receive\"] [l:N] [u:N]"),
    REAL6(Scope.VIRTUAL, "", "", "[address][:port] gate|masq|ipip [weight] [\"request\", \"receive\"] [l:N] [u:N]"),
    FALLBACK(Scope.BOTH, "", "", "address[:port] [gate|masq|ipip]"),
    FALLBACK6(Scope.BOTH, "", "", "[address][:port] [gate|masq|ipip]"),
    FALLBACKCOMMAND(Scope.BOTH, "invalid fallback command", "invalid fallback command", "a command"),
    CHECKTIMEOUT(Scope.BOTH, "invalid check timeout value", "invalid check timeout", Words.SECONDS),
    NEGOTIATETIMEOUT(Scope.BOTH, "invalid negotiate timeout value", "invalid negotiate timeout", Words.SECONDS),
    CONNECTTIMEOUT(Scope.BOTH, Words.NO_CONNECTTIMEOUT, Words.NO_CONNECTTIMEOUT, "nothing: use negotiatetimeout"),
    TIMEOUT(Scope.GLOBAL, Words.NO_TIMEOUT, "", "nothing: use checktimeout and negotiatetimeout"),
    CHECKINTERVAL(Scope.BOTH, "invalid check interval value", "invalid checkinterval", Words.SECONDS),
    CHECKCOUNT(Scope.BOTH, "invalid check count value", "invalid check count", Words.COUNT),
    FAILURECOUNT(Scope.BOTH, "invalid failure count value", "invalid failure count", Words.COUNT),
    /** Ours; ldirectord does not know it. */
    SUCCESSCOUNT(Scope.BOTH, "invalid success count value", "invalid success count", Words.COUNT),
    /** Ours; ldirectord does not know it. */
    SLOWSTART(Scope.BOTH, "invalid slow start value", "invalid slow start", Words.SECONDS_OR_ZERO),
    QUIESCENT(Scope.BOTH, Words.yesOrNo("quiescent"), Words.YES_NO),
    READDQUIESCENT(Scope.GLOBAL, Words.yesOrNo("readdquiescent"), Words.YES_NO),
    CLEANSTOP(Scope.BOTH, Words.yesOrNo("cleanstop"), Words.YES_NO),
    AUTORELOAD(Scope.GLOBAL, Words.yesOrNo("autoreload"), Words.YES_NO),
    FORK(Scope.GLOBAL, Words.yesOrNo("fork"), Words.YES_NO),
    SUPERVISED(Scope.GLOBAL, Words.yesOrNo("supervised"), Words.YES_NO),
    CALLBACK(Scope.GLOBAL, "", "a program's path in double quotes"),
    EXECUTE(Scope.GLOBAL, "", "the name of another configuration file"),
    LOGFILE(Scope.GLOBAL, "", "a path or a syslog facility in double quotes"),
    MAINTENANCEDIR(Scope.GLOBAL, "maintenance directory not specified", "a directory"),
    EMAILALERT(Scope.BOTH, "no email address specified", "mail addresses"),
    EMAILALERTFREQ(Scope.BOTH, "invalid email alert frequency", "a whole number of seconds, 0 for no reminders"),
    EMAILALERTSTATUS(Scope.BOTH, "", "a comma list of all, none, starting, running, stopping, reloading"),
    EMAILALERTFROM(Scope.GLOBAL, "no email from address specified", "a mail address"),
    SMTP(Scope.BOTH, "invalid SMTP server address", "a host name or address"),
    CHECKTYPE(
            Scope.VIRTUAL,
            "checktype must be \"connect\", \"negotiate\", \"on\", \"off\", \"ping\", \"external\", \"external-perl\""
                    + " or a positive number",
            "connect, negotiate, ping, on, off, external, external-perl or a number"),
    SERVICE(
            Scope.VIRTUAL,
            "service must be dns, ftp, http, https, http_proxy, imap, imaps, ldap, ldaps, mysql, nntp, none, oracle,"
                    + " pop, pops, radius, pgsql, simpletcp, sip, smtp or submission",
            "the name of a service that can be checked"),
    CHECKCOMMAND(Scope.VIRTUAL, "invalid check command", "a program's path"),
    CHECKPORT(Scope.VIRTUAL, "invalid port", "a port number, 1 to 65535"),
    REQUEST(Scope.VIRTUAL, "no request string specified", Words.QUOTED),
    RECEIVE(Scope.VIRTUAL, "invalid receive string", "a regular expression in double quotes"),
    HTTPMETHOD(Scope.VIRTUAL, "httpmethod must be GET or HEAD", "GET or HEAD"),
    VIRTUALHOST(Scope.VIRTUAL, "invalid virtualhost", "a host name"),
    LOGIN(Scope.VIRTUAL, "invalid login string", Words.QUOTED),
    PASSWD(Scope.VIRTUAL, "invalid password", Words.QUOTED),
    DATABASE(Scope.VIRTUAL, "invalid database", Words.QUOTED),
    SECRET(Scope.VIRTUAL, "invalid secret", Words.QUOTED),
    LOAD(Scope.VIRTUAL, "invalid string for load testing", Words.QUOTED),
    SCHEDULER(
            Scope.VIRTUAL,
            "invalid scheduler, should be only lowercase letters (a-z)",
            "the name of a scheduler in small letters, such as wrr or wlc"),
    SCHEDFLAGS(Scope.VIRTUAL, "invalid sched-flags", "a comma list of scheduler flags, such as sh-port"),
    PERSISTENT(Scope.VIRTUAL, "invalid persistent timeout", Words.SECONDS),
    NETMASK(Scope.VIRTUAL, "", "a dotted quad, or for virtual6 a prefix length"),
    PROTOCOL(Scope.VIRTUAL, "invalid protocol", "tcp or udp, or fwm for a firewall mark"),
    OPS(Scope.VIRTUAL, Words.yesOrNo("ops"), Words.YES_NO),
    MONITORFILE(Scope.VIRTUAL, "", "a file's path"),
    SERVICENAME(Scope.VIRTUAL, "", "any text"),
    COMMENT(Scope.VIRTUAL, "", "any text");

    /** Where a directive may stand. */
    public enum Scope {
        /** In column 0. */
        GLOBAL,
        /** Indented under a {@code virtual}. */
        VIRTUAL,
        BOTH
    }

    /** Texts that several directives share. */
    private static final class Words {
        static final String SECONDS = "a whole number of seconds, 1 or more";
        static final String SECONDS_OR_ZERO = "a whole number of seconds, 0 for at once";
        static final String COUNT = "a whole number, 1 or more";
        static final String YES_NO = "yes or no, and nothing after it";
        static final String QUOTED = "a text in double quotes";
        static final String NO_CONNECTTIMEOUT = "connecttimeout directive deprecated in favour of negotiatetimeout";
        static final String NO_TIMEOUT = "timeout directive deprecated in favour of checktimeout and negotiatetimeout";

        private Words() {}

        static String yesOrNo(String word) {
            return word + " must be 'yes' or 'no'";
        }
    }

    private final String word = name().toLowerCase(Locale.ROOT);
    private final Scope scope;
    private final String globalComplaint;
    private final String virtualComplaint;
    private final String expected;

    Directive(Scope scope, String complaint, String expected) {
        this(scope, complaint, complaint, expected);
    }

    Directive(Scope scope, String globalComplaint, String virtualComplaint, String expected) {
        this.scope = scope;
        this.globalComplaint = globalComplaint;
        this.virtualComplaint = virtualComplaint;
        this.expected = expected;
    }

    /** The word in the file: {@code checktimeout}. */
    public String word() {
        return word;
    }

    public Scope scope() {
        return scope;
    }

    /** What the value should be, to stand after "takes". */
    public String expected() {
        return expected;
    }

    /** ldirectord's words for a bad value; empty where they depend on the value. */
    String complaint(boolean global) {
        return global ? globalComplaint : virtualComplaint;
    }

    boolean allowed(boolean global) {
        return scope == Scope.BOTH || (scope == Scope.GLOBAL) == global;
    }

    /** Whether the value must not be shown to anybody. */
    boolean isSecret() {
        return this == PASSWD || this == SECRET || this == LOGIN;
    }

    /** The directive of this name, in either scope. */
    public static Optional<Directive> of(String word) {
        for (Directive directive : values()) {
            if (directive.word.equals(word)) {
                return Optional.of(directive);
            }
        }
        return Optional.empty();
    }

    /** The words that may stand in a scope, {@code virtual} and {@code virtual6} included for the global one. */
    static List<String> words(boolean global) {
        List<String> words = new ArrayList<>();
        if (global) {
            words.add("virtual");
            words.add("virtual6");
        }
        for (Directive directive : values()) {
            if (directive.allowed(global)) {
                words.add(directive.word);
            }
        }
        return List.copyOf(words);
    }
}
