package org.halvs.piranha;

import org.halvs.piranha.LvsFile.Block;
import org.halvs.piranha.LvsFile.Entry;
import org.halvs.piranha.LvsFile.Server;
import org.halvs.piranha.LvsFile.Setting;

/** An lvs.cf back to text, in the manner of the piranha GUI. Pure. Reading the text gives the file again, but for the line numbers. */
public final class LvsPrinter {
    private static final String INDENT = "     ";

    private LvsPrinter() {}

    public static String print(LvsFile file) {
        StringBuilder text = new StringBuilder();
        for (Setting setting : file.globals()) {
            setting(text, "", setting);
        }
        for (Block block : file.blocks()) {
            text.append(block.failover() ? "failover " : "virtual ")
                    .append(block.name())
                    .append(" {\n");
            for (Entry entry : block.entries()) {
                switch (entry) {
                    case Setting setting -> setting(text, INDENT, setting);
                    case Server server -> {
                        text.append(INDENT)
                                .append("server ")
                                .append(server.name())
                                .append(" {\n");
                        for (Setting setting : server.settings()) {
                            setting(text, INDENT + INDENT, setting);
                        }
                        text.append(INDENT).append("}\n");
                    }
                }
            }
            text.append("}\n");
        }
        return text.toString();
    }

    private static void setting(StringBuilder text, String indent, Setting setting) {
        text.append(indent)
                .append(setting.key().word())
                .append(" = ")
                .append(String.join(" ", setting.values()))
                .append('\n');
    }
}
