package org.halvs.ha.config;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A word ha.cf may begin a line with.
 *
 * @param note what to tell an administrator whose file has it; empty when it does what it did under heartbeat
 */
record HaCfDirective(String name, Reading reading, String note) {

    /** What a directive does with its line. */
    @FunctionalInterface
    interface Reading {
        void read(HaCfReader reader, Directive line);
    }

    private static final String NO_EFFECT = "accepted; has no effect in HALVS yet";
    private static final String NOT_NEEDED = "accepted; HALVS does not need it";
    private static final String CRM = "accepted; belongs to heartbeat's CRM mode and has no effect";

    /** All of heartbeat 3.0.6, in the order of its man page's subjects. */
    static final Map<String, HaCfDirective> BY_NAME = byName(List.of(
            effective("node", HaCfReader::nodes),
            effective("keepalive", HaCfReader::time),
            effective("deadtime", HaCfReader::time),
            effective("warntime", HaCfReader::time),
            effective("initdead", HaCfReader::time),
            effective("deadping", HaCfReader::time),
            effective("auto_failback", HaCfReader::autoFailback),
            effective("nice_failback", HaCfReader::niceFailback),
            effective("udpport", HaCfMedia::udpport),
            effective("bcast", HaCfMedia::bcast),
            effective("udp", HaCfMedia::udp),
            effective("ucast", HaCfMedia::ucast),
            effective("ucast6", HaCfMedia::ucast),
            effective("mcast", HaCfMedia::mcast),
            effective("mcast6", HaCfMedia::mcast),
            noted(
                    "serial",
                    HaCfMedia::serial,
                    "accepted; HALVS sends nothing over serial lines, use a second ucast or bcast path"),
            noted("baud", HaCfMedia::baud, NO_EFFECT),
            noted("hopfudge", HaCfReader::byteRange, NO_EFFECT),
            effective("ping", HaCfReader::ping),
            effective("ping_group", HaCfReader::pingGroup),
            noted("hbaping", HaCfDirective::anything, NO_EFFECT),
            effective("logfile", HaCfLog::log),
            effective("debugfile", HaCfLog::log),
            effective("logfacility", HaCfLog::log),
            effective("debug", HaCfLog::log),
            noted("use_logd", HaCfLog::log, NOT_NEEDED),
            noted("conn_logd_time", HaCfReader::anyTime, NOT_NEEDED),
            noted("syslogmsgfmt", HaCfReader::flag, NO_EFFECT),
            noted("log_badpack", HaCfReader::flag, NO_EFFECT),
            effective("respawn", HaCfPrograms::respawn),
            effective("failfast", HaCfPrograms::respawn),
            noted("apiauth", HaCfPrograms::apiauth, "accepted; HALVS has no client API, its control socket is root's"),
            effective("stonith", HaCfPrograms::stonith),
            effective("stonith_host", HaCfPrograms::stonith),
            effective("watchdog", HaCfReader::watchdog),
            noted("coredumps", HaCfReader::flag, NOT_NEEDED),
            noted("coreroot", HaCfDirective::anything, NOT_NEEDED),
            effective("realtime", HaCfReader::flag),
            effective("rtprio", HaCfReader::realtimePriority),
            noted("hbgenmethod", HaCfReader::generationMethod, NOT_NEEDED),
            noted("uuidfrom", HaCfReader::uuidSource, NOT_NEEDED),
            effective("autojoin", HaCfReader::autojoin),
            noted("msgfmt", HaCfReader::messageFormat, NOT_NEEDED),
            noted("compression", HaCfReader::compression, NOT_NEEDED),
            noted("compression_threshold", HaCfReader::count, NOT_NEEDED),
            noted("traditional_compression", HaCfReader::flag, NOT_NEEDED),
            noted("cluster", HaCfDirective::anything, NO_EFFECT),
            noted("memreserve", HaCfReader::count, NOT_NEEDED),
            noted("max_rexmit_delay", HaCfReader::count, NOT_NEEDED),
            noted("env", HaCfDirective::anything, "HALVS looks at HA_STOPRETRYMAX among them, and at no other"),
            noted("use_apphbd", HaCfReader::flag, NO_EFFECT),
            noted("quorum_server", HaCfDirective::anything, NO_EFFECT),
            effective("crm", HaCfReader::crm),
            effective("pacemaker", HaCfReader::crm),
            noted("crm_daemon_dir", HaCfDirective::anything, CRM),
            noted("crmd_spawns_pengine", HaCfDirective::anything, CRM),
            noted("record_config_changes", HaCfReader::flag, CRM),
            noted("record_pengine_inputs", HaCfReader::flag, CRM),
            noted("enable_config_writes", HaCfReader::flag, CRM)));

    private static HaCfDirective effective(String name, Reading reading) {
        return new HaCfDirective(name, reading, "");
    }

    private static HaCfDirective noted(String name, Reading reading, String note) {
        return new HaCfDirective(name, reading, note);
    }

    private static void anything(HaCfReader reader, Directive line) {
        // whatever it says has no effect, so nothing can be wrong with it
    }

    private static Map<String, HaCfDirective> byName(List<HaCfDirective> all) {
        Map<String, HaCfDirective> map = new LinkedHashMap<>();
        all.forEach(directive -> map.put(directive.name(), directive));
        return map;
    }
}
