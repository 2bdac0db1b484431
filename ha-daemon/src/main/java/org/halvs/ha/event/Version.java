package org.halvs.ha.event;

/** The program's version, as its package says. */
public final class Version {
    private Version() {}

    /** {@code 1.2.3}, or {@code development} when the program runs from class files. */
    public static String text() {
        String version = Version.class.getPackage().getImplementationVersion();
        return version == null ? "development" : version;
    }
}
