package org.halvs.resource.script;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What heartbeat's scripts expect in their environment. Nothing of the daemon's own environment is passed on.
 *
 * @param etc heartbeat's directory, {@code /etc/ha.d}
 * @param node the name of this node
 * @param logFacility the syslog facility of ha.cf, empty for none
 * @param logFile the log file of ha.cf, empty for none
 * @param debugFile the debug file of ha.cf, empty for none
 */
public record ScriptEnvironment(Path etc, String node, String logFacility, String logFile, String debugFile) {

    /** An environment without log directives. */
    public static ScriptEnvironment of(Path etc, String node) {
        return new ScriptEnvironment(etc, node, "", "", "");
    }

    /** The variables in a fixed order. */
    public Map<String, String> variables() {
        Map<String, String> variables = new LinkedHashMap<>();
        variables.put("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
        variables.put("HOME", "/");
        variables.put("LC_ALL", "C");
        variables.put("HA_DIR", etc.toString());
        variables.put("HA_RCDIR", etc.resolve("rc.d").toString());
        variables.put("HA_FUNCS", etc.resolve("shellfuncs").toString());
        variables.put("HA_CURHOST", node);
        putUnlessEmpty(variables, "HA_LOGFACILITY", logFacility);
        putUnlessEmpty(variables, "HA_LOGFILE", logFile);
        putUnlessEmpty(variables, "HA_DEBUGLOG", debugFile);
        return variables;
    }

    private static void putUnlessEmpty(Map<String, String> variables, String name, String value) {
        if (!value.isEmpty()) {
            variables.put(name, value);
        }
    }
}
