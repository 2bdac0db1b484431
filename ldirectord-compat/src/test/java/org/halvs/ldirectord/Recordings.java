package org.halvs.ldirectord;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/** What was recorded of the real ldirectord, and a reader that sees the world the recordings were made in. */
final class Recordings {
    static final String CONFIG = "/run/ldt/config.cf";

    private Recordings() {}

    static LdirectordReader reader() {
        return new LdirectordReader(
                new FixedNameService(text("hosts"), text("services"), "director1"),
                new MemoryConfigFiles(List.of("", "/tmp", "/var/log", "/run/ldt", "/run/ldt/maint")));
    }

    static LdirectordReading read(String text) {
        return reader().read(CONFIG, text);
    }

    static String text(String resource) {
        try (InputStream in = Recordings.class.getResourceAsStream("/ldirectord/" + resource)) {
            return new String(Objects.requireNonNull(in, resource).readAllBytes(), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The names in a folder of recordings, sorted. */
    static List<String> names(String folder) {
        try (Stream<Path> entries =
                Files.list(Path.of(Objects.requireNonNull(Recordings.class.getResource("/ldirectord/" + folder))
                        .toURI()))) {
            return entries.map(path -> path.getFileName().toString()).sorted().toList();
        } catch (IOException | URISyntaxException e) {
            throw new IllegalStateException(folder, e);
        }
    }

    /** What ldirectord would print, each message ended. */
    static String printed(LdirectordReading reading, String pid) {
        StringBuilder text = new StringBuilder();
        for (OriginalMessage message : reading.originals()) {
            text.append(message.render(pid, CONFIG)).append('\n');
        }
        return text.toString();
    }
}
