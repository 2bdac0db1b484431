package org.halvs.ldirectord;

import java.util.List;
import java.util.Optional;

/**
 * What the lines of an ldirectord.cf say, in their order, before any name is looked up. Comments and blank lines are gone; values are what
 * ldirectord would take from their lines.
 */
public record LdirectordConfig(List<Item> items) {
    public LdirectordConfig {
        items = List.copyOf(items);
    }

    /** Something that stands in column 0. */
    public sealed interface Item {
        /** Where it stands, from 1. */
        int line();
    }

    /**
     * A directive and its value.
     *
     * @param value without quotes and blanks around it; may be empty; may be a secret
     */
    public record Statement(Directive directive, String value, int line) implements Item {
        /** Leaves the values of login, passwd and secret out. */
        @Override
        public String toString() {
            return directive.word() + " = " + (directive.isSecret() ? "***" : value);
        }
    }

    /**
     * A {@code virtual} or {@code virtual6} and the directives under it.
     *
     * @param address empty when its line is in error
     * @param endLine the line at which a reader knows that the block is over: the next one in column 0, or the last of the file
     * @param endsFile whether the file ends with the block
     */
    public record VirtualBlock(
            boolean ipv6,
            Optional<VirtualAddress> address,
            List<Statement> statements,
            int line,
            int endLine,
            boolean endsFile)
            implements Item {
        public VirtualBlock {
            statements = List.copyOf(statements);
        }

        /** The last statement of {@code directive}, which is the one that counts. */
        Optional<Statement> last(Directive directive) {
            return lastOf(statements, directive);
        }

        Optional<String> value(Directive directive) {
            return last(directive).map(Statement::value);
        }
    }

    /** The global statements, in their order. */
    public List<Statement> globals() {
        return items.stream()
                .filter(Statement.class::isInstance)
                .map(Statement.class::cast)
                .toList();
    }

    public List<VirtualBlock> virtuals() {
        return items.stream()
                .filter(VirtualBlock.class::isInstance)
                .map(VirtualBlock.class::cast)
                .toList();
    }

    /** Whether both say the same, whatever lines they say it on. */
    public boolean sameDirectives(LdirectordConfig other) {
        return LdirectordPrinter.print(this).equals(LdirectordPrinter.print(other));
    }

    static Optional<Statement> lastOf(List<Statement> statements, Directive directive) {
        for (int i = statements.size() - 1; i >= 0; i--) {
            if (statements.get(i).directive() == directive) {
                return Optional.of(statements.get(i));
            }
        }
        return Optional.empty();
    }
}
