package org.halvs.ha.config;

import java.util.List;
import java.util.Optional;
import org.halvs.dialect.DidYouMean;

/** Reads the lines of ha.cf that say where the log goes and how much there is of it. */
final class HaCfLog {
    private static final List<String> FACILITIES = List.of(
            "none",
            "auth",
            "authpriv",
            "cron",
            "daemon",
            "ftp",
            "kern",
            "lpr",
            "mail",
            "news",
            "security",
            "syslog",
            "user",
            "uucp",
            "local0",
            "local1",
            "local2",
            "local3",
            "local4",
            "local5",
            "local6",
            "local7");

    private HaCfLog() {}

    static void log(HaCfReader reader, Directive line) {
        LogSettings log = reader.log();
        String value = line.arguments().getLast();
        switch (line.name()) {
            case "logfile" ->
                reader.log(new LogSettings(
                        Optional.of(value), log.debugfile(), log.facility(), log.useLogd(), log.debug()));
            case "debugfile" ->
                reader.log(
                        new LogSettings(log.logfile(), Optional.of(value), log.facility(), log.useLogd(), log.debug()));
            case "logfacility" -> facility(reader, line);
            case "use_logd" -> {
                if (reader.flagged(line)) {
                    boolean logd = HaCfReader.bool(value).orElse(false);
                    reader.log(new LogSettings(log.logfile(), log.debugfile(), log.facility(), logd, log.debug()));
                }
            }
            default -> {
                Optional<Integer> level = HaCfMedia.number(value, 0, 255);
                if (level.isEmpty()) {
                    reader.error(line, "\"" + value + "\" is not a debug level", "0 to 255; 0 is quiet");
                } else {
                    reader.log(new LogSettings(
                            log.logfile(), log.debugfile(), log.facility(), log.useLogd(), level.get()));
                }
            }
        }
    }

    private static void facility(HaCfReader reader, Directive line) {
        for (String word : line.arguments()) {
            if (!FACILITIES.contains(word)) {
                String meant = DidYouMean.among(FACILITIES, word)
                        .map(f -> "did you mean " + f + "?")
                        .orElse("a syslog facility such as local0, or none");
                reader.error(line, "Log facility(" + word + ") not valid", meant);
                continue;
            }
            LogSettings log = reader.log();
            Optional<String> facility = word.equals("none") ? Optional.empty() : Optional.of(word);
            reader.log(new LogSettings(log.logfile(), log.debugfile(), facility, log.useLogd(), log.debug()));
        }
    }
}
