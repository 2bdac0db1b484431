package org.halvs.ha.control;

import java.io.IOException;

/** What the daemon does with a request. Called on the connection's own thread; may block. */
@FunctionalInterface
public interface RequestHandler {

    /** Where a part of an answer goes before the whole is there. */
    @FunctionalInterface
    interface Progress {
        /** Fails when the asking command has gone. */
        void print(String output) throws IOException;
    }

    /** Fails with {@link IOException} only when {@code progress} did. */
    Answer answer(Request request, Progress progress) throws IOException;
}
