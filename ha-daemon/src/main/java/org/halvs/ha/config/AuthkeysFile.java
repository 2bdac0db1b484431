package org.halvs.ha.config;

import java.nio.file.attribute.PosixFilePermission;
import java.util.Set;
import org.halvs.dialect.Parsed;

/** Reads authkeys. */
public final class AuthkeysFile {
    private AuthkeysFile() {}

    /**
     * Reads the text of an authkeys file.
     *
     * @param file the file as the administrator knows it, for messages
     * @param mode who may read and write the file
     */
    public static Parsed<Authkeys> parse(String file, String text, Set<PosixFilePermission> mode) {
        throw new UnsupportedOperationException(file + text.length() + mode);
    }
}
