package org.halvs.ldirectord;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalInt;
import org.halvs.dialect.ConfigProblem;
import org.halvs.dialect.ConfigProblem.Severity;

/**
 * What is found in a file, in the order in which ldirectord would find it: it complains about a block's addresses when it has read the line
 * after the block, about everything else at once. Confined to one reading.
 */
final class Findings {
    private static final Comparator<Finding> DISCOVERY =
            Comparator.comparingInt(Finding::readLine).thenComparingInt(Finding::phase);

    private final String file;
    private final List<Finding> found = new ArrayList<>();

    private record Finding(int readLine, int phase, OriginalMessage original, boolean spoken, ConfigProblem problem) {}

    /**
     * When something is found.
     *
     * @param readLine the line ldirectord had read last
     * @param phase 0 for what it does with a block that ended before that line, 1 for that line itself, 2 for the end of the file behind it
     */
    record Moment(int readLine, int phase) {
        static final Moment AFTER_ALL = new Moment(Integer.MAX_VALUE, 0);

        static Moment reading(int line) {
            return new Moment(line, 1);
        }

        static Moment endOf(LdirectordConfig.VirtualBlock block) {
            return new Moment(block.endLine(), block.endsFile() ? 2 : 0);
        }
    }

    Findings(String file) {
        this.file = file;
    }

    /** Something ldirectord refuses, in its words. */
    void error(Moment moment, int line, String directive, String text, String remedy) {
        error(moment, line, directive, text, text, remedy);
    }

    /** Something ldirectord refuses, in its words and, because those may show a secret or a line end, in ours. */
    void error(Moment moment, int line, String directive, String text, String ours, String remedy) {
        add(moment, new OriginalMessage(true, line, text), true, Severity.ERROR, line, directive, ours, remedy);
    }

    /** Something ldirectord warns of. */
    void warning(Moment moment, int line, String directive, String text, String remedy) {
        add(moment, new OriginalMessage(false, line, text), true, Severity.WARNING, line, directive, text, remedy);
    }

    /** Something ldirectord accepts in silence and should not have. */
    void ourError(Moment moment, int line, String directive, String text, String remedy) {
        add(moment, new OriginalMessage(true, line, text), true, Severity.ERROR, line, directive, text, remedy);
    }

    /** Something ldirectord says nothing about. */
    void ourWarning(Moment moment, int line, String directive, String text, String remedy) {
        add(moment, new OriginalMessage(false, line, text), false, Severity.WARNING, line, directive, text, remedy);
    }

    /** A directive without effect. */
    void note(Moment moment, int line, String directive, String text) {
        add(moment, new OriginalMessage(false, line, text), false, Severity.NOTE, line, directive, text, "");
    }

    private void add(
            Moment moment,
            OriginalMessage original,
            boolean spoken,
            Severity severity,
            int line,
            String directive,
            String message,
            String remedy) {
        ConfigProblem problem = new ConfigProblem(severity, file, line, directive, message.strip(), remedy);
        found.add(new Finding(moment.readLine(), moment.phase(), original, spoken, problem));
    }

    /** Takes over the errors of {@code others}, but for those about {@code directive}. */
    void addErrors(Findings others, String directive) {
        for (Finding finding : others.found) {
            if (finding.problem().isError() && !finding.problem().directive().equals(directive)) {
                found.add(finding);
            }
        }
    }

    /** The line ldirectord had read when it found its first error. */
    OptionalInt firstErrorLine() {
        return found.stream()
                .filter(finding -> finding.problem().isError())
                .mapToInt(Finding::readLine)
                .min();
    }

    /** Everything, in order of discovery. */
    List<ConfigProblem> problems() {
        return found.stream().sorted(DISCOVERY).map(Finding::problem).toList();
    }

    /** What ldirectord would print: its warnings up to and including its first error. */
    List<OriginalMessage> originals() {
        List<OriginalMessage> spoken = new ArrayList<>();
        for (Finding finding : found.stream().sorted(DISCOVERY).toList()) {
            if (finding.spoken()) {
                spoken.add(finding.original());
                if (finding.original().error()) {
                    break;
                }
            }
        }
        return List.copyOf(spoken);
    }
}
