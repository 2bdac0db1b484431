package org.halvs.ipvs.admin;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** A recorded session of the real ipvsadm: {@code $ command}, what it printed, {@code [exit N]}. */
final class Recording {

    /** One command line with its output on both streams. */
    record Step(int line, String command, String output, Optional<Integer> exitStatus) {
        boolean isIpvsadm() {
            return (command + " ").startsWith("ipvsadm ") && !command.contains("<");
        }

        List<String> arguments() {
            List<String> words = new ArrayList<>(Arrays.asList(command.strip().split(" +")));
            words.removeFirst();
            return words;
        }
    }

    private Recording() {}

    static List<Step> steps(String resource) {
        List<Step> steps = new ArrayList<>();
        List<String> lines = text(resource).lines().toList();
        int i = 0;
        while (i < lines.size()) {
            if (!lines.get(i).startsWith("$ ")) {
                i++;
                continue;
            }
            int at = i + 1;
            String command = lines.get(i++).substring(2);
            StringBuilder output = new StringBuilder();
            Optional<Integer> exit = Optional.empty();
            while (i < lines.size() && exit.isEmpty() && !lines.get(i).startsWith("$ ")) {
                String line = lines.get(i++);
                if (line.startsWith("[exit ")) {
                    exit = Optional.of(Integer.valueOf(line.substring(6, line.length() - 1)));
                } else {
                    output.append(line).append('\n');
                }
            }
            steps.add(new Step(at, command, output.toString(), exit));
        }
        return steps;
    }

    static String text(String resource) {
        try (InputStream in = Recording.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalArgumentException("no resource " + resource);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
