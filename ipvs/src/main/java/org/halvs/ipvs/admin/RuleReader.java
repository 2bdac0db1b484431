package org.halvs.ipvs.admin;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.halvs.ipvs.ForwardingTable;
import org.halvs.linux.IpAddress;

/** Reads rules, the output of {@code ipvsadm -S}, into a table without executing them anywhere. */
public final class RuleReader {

    /**
     * The table as far as the rules could be followed.
     *
     * @param problems one text for each line that could not, beginning with the number of the line; empty when all is well
     */
    public record Rules(ForwardingTable table, List<String> problems) {
        public Rules {
            problems = List.copyOf(problems);
        }
    }

    private RuleReader() {}

    /** The words of a line of rules; blank lines and comments have none, and the word ipvsadm counts for nothing wherever it stands. */
    static List<String> words(String line) {
        if (line.strip().startsWith("#")) {
            return List.of();
        }
        List<String> words = new ArrayList<>(Arrays.asList(line.strip().split("[ \\t\\r]+")));
        words.removeIf(word -> word.isEmpty() || word.equals("ipvsadm"));
        return words;
    }

    /** Reads every line, whatever is wrong with others. */
    public static Rules read(String text, NameService names) {
        ForwardingTable table = ForwardingTable.EMPTY;
        List<String> problems = new ArrayList<>();
        TableEditor editor = new TableEditor((IpAddress address) -> MemoryBackend.isUnicast(address));
        int number = 0;
        for (String line : text.lines().toList()) {
            number++;
            List<String> words = words(line);
            if (words.isEmpty()) {
                continue;
            }
            switch (CommandParser.parse(words, names)) {
                case ParsedCommand.Refused refused -> problems.add(number + ": " + refused.message());
                case ParsedCommand.Accepted(AdminCommand.TableCommand command) -> {
                    switch (editor.edit(table, command)) {
                        case TableEditor.Edited.Done(ForwardingTable changed) -> table = changed;
                        case TableEditor.Edited.Refused(KernelError error) ->
                            problems.add(number + ": " + error.message(command));
                    }
                }
                case ParsedCommand.Accepted _ ->
                    problems.add(number + ": only commands that change the table can stand among rules");
            }
        }
        return new Rules(table, problems);
    }
}
