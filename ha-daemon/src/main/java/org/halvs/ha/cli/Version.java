package org.halvs.ha.cli;

import picocli.CommandLine.IVersionProvider;

/** The program's version, as its package says. */
public final class Version implements IVersionProvider {

    /** {@code 1.2.3}, or {@code development} when the program runs from class files. */
    public static String text() {
        String version = Version.class.getPackage().getImplementationVersion();
        return version == null ? "development" : version;
    }

    @Override
    public String[] getVersion() {
        return new String[] {"halvs " + text()};
    }
}
