package org.halvs.ldirectord;

import java.util.Optional;

/** What a reading of ldirectord.cf asks about the files it names. Asking changes nothing. */
public interface ConfigFiles {

    /** Why {@code path} could not be opened for appending, in the words of strerror(3); empty when it can be. */
    Optional<String> appendProblem(String path);

    boolean isDirectory(String path);
}
