package org.halvs.ha.heartbeat;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Commands of heartbeat 3.0.6 as they were recorded: {@code $ command}, what it printed, {@code [rc=N]}. Where {@code out|} and {@code err|}
 * begin the lines, the streams were kept apart. Stamps of log lines are left out.
 */
record Transcript(List<Recorded> commands) {

    /** @param error empty where {@code out} has both streams */
    record Recorded(List<String> words, boolean apart, String out, String error, int exit) {}

    static Transcript read(String name) {
        try (InputStream in = Transcript.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException(name + " is missing");
            }
            return parse(new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Transcript parse(String text) {
        List<Recorded> commands = new ArrayList<>();
        List<String> words = List.of();
        StringBuilder out = new StringBuilder();
        StringBuilder error = new StringBuilder();
        boolean apart = false;
        for (String line : text.lines().toList()) {
            if (line.startsWith("$ ")) {
                words = Arrays.stream(line.substring(2).strip().split(" "))
                        .skip(1)
                        .toList();
                out.setLength(0);
                error.setLength(0);
                apart = false;
            } else if (line.startsWith("[rc=")) {
                int exit = Integer.parseInt(line.substring(4, line.length() - 1));
                commands.add(new Recorded(words, apart, out.toString(), error.toString(), exit));
            } else if (line.startsWith("err|")) {
                apart = true;
                error.append(line.substring(4)).append('\n');
            } else {
                apart |= line.startsWith("out|");
                out.append(line.startsWith("out|") ? line.substring(4) : line).append('\n');
            }
        }
        return new Transcript(commands);
    }
}
