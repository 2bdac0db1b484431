package org.halvs.ha.config;

/** Whether a group goes back to its preferred node when that node returns. */
public enum AutoFailback {
    ON,
    OFF,
    /** What heartbeat does when the file says nothing. The group goes back, as with {@link #ON}. */
    LEGACY;

    public boolean returnsHome() {
        return this != OFF;
    }
}
