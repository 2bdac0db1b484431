package org.halvs.ldirectord.daemon;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;
import org.halvs.ldirectord.LdirectordReader;
import org.halvs.ldirectord.LdirectordReading;

/** The configuration file of a daemon. */
public final class ConfigSource {
    private final Path path;
    private final LdirectordReader reader;

    public ConfigSource(Path path, LdirectordReader reader) {
        this.path = path;
        this.reader = reader;
    }

    public Path path() {
        return path;
    }

    /** Reads and compiles the file. */
    public LdirectordReading read() throws IOException {
        return reader.read(path.toString(), Files.readString(path, StandardCharsets.ISO_8859_1));
    }

    /** What the file looks like now; empty when it can't be read. */
    Optional<ConfigWatch.Look> look() {
        try {
            BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(path));
            return Optional.of(new ConfigWatch.Look(
                    attributes.lastModifiedTime().toMillis(),
                    attributes.size(),
                    HexFormat.of().formatHex(digest)));
        } catch (IOException e) {
            return Optional.empty();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java runtime has SHA-256", e);
        }
    }
}
