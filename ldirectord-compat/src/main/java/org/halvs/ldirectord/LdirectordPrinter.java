package org.halvs.ldirectord;

import org.halvs.ldirectord.LdirectordConfig.Item;
import org.halvs.ldirectord.LdirectordConfig.Statement;
import org.halvs.ldirectord.LdirectordConfig.VirtualBlock;

/** A configuration back to text, one way of writing it. Pure. Reading the text gives the configuration again, but for the line numbers. */
public final class LdirectordPrinter {
    private LdirectordPrinter() {}

    /** The text, with its secrets; every line ended. */
    public static String print(LdirectordConfig config) {
        StringBuilder text = new StringBuilder();
        for (Item item : config.items()) {
            switch (item) {
                case Statement statement -> statement(text, statement, true);
                case VirtualBlock block -> block(text, block);
            }
        }
        return text.toString();
    }

    private static void block(StringBuilder text, VirtualBlock block) {
        if (!text.isEmpty() && !text.toString().endsWith("\n\n")) {
            text.append('\n');
        }
        text.append(block.ipv6() ? "virtual6 = " : "virtual = ")
                .append(block.address().map(Object::toString).orElse(""))
                .append('\n');
        for (Statement statement : block.statements()) {
            text.append("    ");
            statement(text, statement, false);
        }
        // a blank line ends a block; it also keeps one without statements from standing on the last line
        text.append('\n');
    }

    private static void statement(StringBuilder text, Statement statement, boolean global) {
        text.append(statement.directive().word()).append(" = ");
        boolean quoted = switch (statement.directive()) {
            case REQUEST, RECEIVE, LOGIN, PASSWD, DATABASE, SECRET, LOAD, CALLBACK, LOGFILE -> true;
            case CHECKCOMMAND, VIRTUALHOST, MONITORFILE, EMAILALERT -> true;
            case FALLBACKCOMMAND -> !global;
            default -> false;
        };
        text.append(quoted ? "\"" + statement.value() + "\"" : statement.value())
                .append('\n');
    }
}
