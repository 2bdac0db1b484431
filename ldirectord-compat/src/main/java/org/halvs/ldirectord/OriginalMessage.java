package org.halvs.ldirectord;

/**
 * A complaint in ldirectord's own words.
 *
 * @param error whether it is an error; a warning otherwise
 * @param line the line it names, 0 when it names none
 * @param text the literal text; may hold line ends, and for an unknown command the line itself
 */
public record OriginalMessage(boolean error, int line, String text) {

    /** What ldirectord prints, without the line end: {@code Error [12] reading file /etc/ha.d/x.cf at line 3: duplicate virtual server}. */
    public String render(String pid, String configPath) {
        String where = line > 0 ? " reading file " + configPath + " at line " + line : "";
        return (error ? "Error [" : "Warning [") + pid + "]" + where + ": " + text;
    }
}
