package org.halvs.ha.takeover;

/** Which groups an operator means, as in {@code hb_standby all|local|foreign|failback}. */
public enum Scope {
    ALL,
    /** Those whose preferred node is the one where the command runs. */
    LOCAL,
    /** Those whose preferred node is another one; {@code failback} is another word for it. */
    FOREIGN;

    /** Whether it means a group, when asked on {@code node}. */
    public boolean covers(String node, String preferredNode) {
        return switch (this) {
            case ALL -> true;
            case LOCAL -> node.equals(preferredNode);
            case FOREIGN -> !node.equals(preferredNode);
        };
    }
}
