package org.halvs.ha.heartbeat;

/** A line of heartbeat's log. */
public record HeartbeatLine(Priority priority, String text) {

    /** heartbeat's priorities, as its log spells them. */
    public enum Priority {
        INFO("info"),
        WARN("WARN"),
        ERROR("ERROR"),
        CRIT("CRIT");

        private final String word;

        Priority(String word) {
            this.word = word;
        }

        public String word() {
            return word;
        }
    }

    static HeartbeatLine info(String text) {
        return new HeartbeatLine(Priority.INFO, text);
    }

    static HeartbeatLine warn(String text) {
        return new HeartbeatLine(Priority.WARN, text);
    }

    static HeartbeatLine error(String text) {
        return new HeartbeatLine(Priority.ERROR, text);
    }

    static HeartbeatLine crit(String text) {
        return new HeartbeatLine(Priority.CRIT, text);
    }

    /** {@code WARN: node bob: is dead}. */
    @Override
    public String toString() {
        return priority.word() + ": " + text;
    }
}
