package org.halvs.ha.control;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.BufferedReader;
import java.io.EOFException;
import java.io.IOException;
import java.io.Reader;
import java.io.Writer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Requests and answers as lines of JSON; an answer may come in parts. */
final class Wire {
    /** A rules file of ipvsadm is the longest thing anybody sends; this is 300,000 rules of it. */
    private static final int LONGEST_LINE = 16 << 20;

    private Wire() {}

    static void write(Writer out, Request request) throws IOException {
        writeLine(
                out,
                JSON.std
                        .composeString()
                        .startObject()
                        .put("command", request.command())
                        .putObject("arguments", request.arguments())
                        .put("input", request.input())
                        .end()
                        .finish());
    }

    static void write(Writer out, Answer answer) throws IOException {
        writeLine(
                out,
                JSON.std
                        .composeString()
                        .startObject()
                        .put("output", answer.output())
                        .put("error", answer.error())
                        .put("exit", answer.exit())
                        .end()
                        .finish());
    }

    /** A part of an answer; more follows. */
    static void writePart(Writer out, String output) throws IOException {
        writeLine(
                out,
                JSON.std
                        .composeString()
                        .startObject()
                        .put("output", output)
                        .put("more", true)
                        .end()
                        .finish());
    }

    private static void writeLine(Writer out, String json) throws IOException {
        out.write(json);
        out.write('\n');
        out.flush();
    }

    static Request readRequest(BufferedReader in) throws IOException {
        Map<String, Object> fields = readObject(in);
        List<String> arguments = new ArrayList<>();
        if (fields.get("arguments") instanceof List<?> list) {
            list.forEach(argument -> arguments.add(String.valueOf(argument)));
        }
        return new Request(text(fields, "command"), arguments, text(fields, "input"));
    }

    /** @param parts gets what comes before the end of the answer */
    static Answer readAnswer(BufferedReader in, Consumer<String> parts) throws IOException {
        Map<String, Object> fields = readObject(in);
        while (Boolean.TRUE.equals(fields.get("more"))) {
            parts.accept(text(fields, "output"));
            fields = readObject(in);
        }
        if (!(fields.get("exit") instanceof Integer exit)) {
            throw new IOException("the daemon's answer has no exit status");
        }
        return new Answer(text(fields, "output"), text(fields, "error"), exit);
    }

    private static String text(Map<String, Object> fields, String name) {
        return fields.get(name) instanceof String text ? text : "";
    }

    private static Map<String, Object> readObject(BufferedReader in) throws IOException {
        return JSON.std.mapFrom(readLine(in));
    }

    private static String readLine(Reader in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c; (c = in.read()) != '\n'; ) {
            if (c < 0) {
                throw new EOFException("the other side closed the connection in the middle of a line");
            }
            if (line.length() == LONGEST_LINE) {
                throw new IOException("a line longer than " + LONGEST_LINE + " characters");
            }
            line.append((char) c);
        }
        return line.toString();
    }
}
