package org.halvs.ha.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.halvs.ha.config.HalvsYml;

/** The dialects of configuration files, and how to tell which one a file is in. */
enum FileKind {
    HA_CF,
    AUTHKEYS,
    HARESOURCES,
    LDIRECTORD_CF,
    LVS_CF,
    HALVS_YML;

    private static final Pattern LDIRECTORD = Pattern.compile(
            "(?i)^\\s*(virtual6?|real6?|fallback6?|check\\w+|quiescent|autoreload|negotiatetimeout)\\s*=.*");
    private static final Pattern LVS =
            Pattern.compile("^\\s*((virtual|failover|server)\\s+\\S+\\s*\\{|serial_no\\s*=.*|primary\\s*=.*).*");
    private static final Pattern AUTH = Pattern.compile("^\\s*auth\\s+\\d+\\s*$");
    private static final Set<String> HA_CF_WORDS = Set.of(
            "keepalive",
            "deadtime",
            "warntime",
            "initdead",
            "deadping",
            "node",
            "bcast",
            "ucast",
            "mcast",
            "ucast6",
            "mcast6",
            "udpport",
            "serial",
            "baud",
            "auto_failback",
            "nice_failback",
            "ping",
            "ping_group",
            "respawn",
            "apiauth",
            "stonith",
            "stonith_host",
            "watchdog",
            "debug",
            "debugfile",
            "logfile",
            "logfacility",
            "use_logd",
            "crm",
            "pacemaker");

    /** By the file's name where that says it, else by its text; a file nothing speaks for is read as haresources. */
    static FileKind of(Path file, String text) {
        return switch (String.valueOf(file.getFileName())) {
            case "ha.cf" -> HA_CF;
            case "authkeys" -> AUTHKEYS;
            case "haresources" -> HARESOURCES;
            case "lvs.cf" -> LVS_CF;
            case "ldirectord.cf" -> LDIRECTORD_CF;
            case HalvsYml.FILE -> HALVS_YML;
            default -> file.toString().endsWith(".yml") ? HALVS_YML : byText(text);
        };
    }

    private static FileKind byText(String text) {
        List<String> lines = text.lines()
                .filter(line -> !line.isBlank() && !line.stripLeading().startsWith("#"))
                .toList();
        if (lines.stream().anyMatch(line -> LDIRECTORD.matcher(line).matches())) {
            return LDIRECTORD_CF;
        }
        if (lines.stream().anyMatch(line -> LVS.matcher(line).matches())) {
            return LVS_CF;
        }
        if (lines.stream().anyMatch(line -> AUTH.matcher(line).matches())) {
            return AUTHKEYS;
        }
        boolean haCf = lines.stream()
                .anyMatch(line -> HA_CF_WORDS.contains(line.strip().split("\\s+", 2)[0]));
        return haCf ? HA_CF : HARESOURCES;
    }
}
