package org.halvs.ha.config;

import java.util.Arrays;
import java.util.List;
import org.halvs.dialect.ConfigProblem;
import org.halvs.dialect.DidYouMean;
import org.halvs.dialect.Parsed;

/**
 * Reads ha.cf: line by line, {@code #} begins a comment anywhere, the first word is the directive. Later lines override earlier ones. What each directive
 * takes stands in {@link HaCfDirective}, what is judged of the file as a whole in {@link HaCfWhole}.
 */
public final class HaCf {
    private HaCf() {}

    /**
     * Reads the text of an ha.cf.
     *
     * @param file the file as the administrator knows it, for messages
     */
    public static Parsed<ClusterConfig> parse(String file, String text, HostFacts host) {
        HaCfReader reader = new HaCfReader(file, host);
        int number = 0;
        for (String line : text.lines().toList()) {
            number++;
            int comment = line.indexOf('#');
            String content = (comment < 0 ? line : line.substring(0, comment)).strip();
            if (!content.isEmpty()) {
                List<String> words = Arrays.asList(content.split("\\s+"));
                readLine(reader, new Directive(words.getFirst(), words.subList(1, words.size()), number));
            }
        }
        return reader.finish();
    }

    private static void readLine(HaCfReader reader, Directive line) {
        HaCfDirective directive = HaCfDirective.BY_NAME.get(line.name());
        if (directive == null) {
            String meant = DidYouMean.among(HaCfDirective.BY_NAME.keySet(), line.name())
                    .map(d -> "did you mean " + d + "?")
                    .orElse("delete the line, or comment it out");
            reader.error(line, "Illegal directive [" + line.name() + "] in " + reader.file(), meant);
            return;
        }
        if (line.arguments().isEmpty()) {
            // COMPAT: heartbeat hands each word behind a directive to it, so without a word nothing happens and nobody
            // says so
            reader.warning(
                    line, "no value; the line is ignored, as heartbeat does", "give it a value or delete the line");
            return;
        }
        reader.remember(line);
        int before = reader.problems().size();
        directive.reading().read(reader, line);
        boolean wrong = reader.problems().subList(before, reader.problems().size()).stream()
                .anyMatch(ConfigProblem::isError);
        if (!wrong && !directive.note().isEmpty()) {
            reader.note(line, directive.note());
        }
    }
}
