package org.halvs.ipvs.replay;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Objects;

/** Says what is wrong with a file, by name and reason: the exceptions of {@link java.nio.file.Files} leave out the one or the other. */
public final class FileTrouble {
    private FileTrouble() {}

    /** An exception for a file that can't be read; its message is what is shown. */
    public static IOException reading(Path file, IOException cause) {
        return new IOException(file + ": " + (isMissing(cause) ? "no such file" : reason(cause)), cause);
    }

    /** An exception for a file that can't be written; its message is what is shown. */
    static IOException writing(Path file, IOException cause) {
        return new IOException(
                file + " can't be written: " + (isMissing(cause) ? "no such directory" : reason(cause)), cause);
    }

    private static boolean isMissing(IOException cause) {
        return cause instanceof NoSuchFileException;
    }

    private static String reason(IOException cause) {
        return switch (cause) {
            case AccessDeniedException _ -> "permission denied";
            case FileSystemException e ->
                Objects.requireNonNullElse(e.getReason(), e.getClass().getSimpleName());
            case CharacterCodingException _ -> "not UTF-8 text";
            default -> String.valueOf(cause.getMessage());
        };
    }
}
