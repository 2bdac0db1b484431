package org.halvs.ha.cli;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Files that are no configuration of ours though somebody had reason to think so: one sentence says more than a hundred errors. */
enum ForeignFile {
    TEMPLATE("<%|\\{%|\\{\\{", "is a template (%s): check what it makes, not itself"),
    KEEPALIVED(
            "(?m)^\\s*(virtual_server|virtual_server_group|vrrp_instance|global_defs)\\b.*\\{",
            "is a configuration of keepalived (%s), which HALVS does not read"),
    SECTIONS(
            "(?m)^\\[[\\w .-]+\\]\\s*$",
            "has sections (%s), as no file that HALVS reads: perhaps another program makes one from it"),
    WEB_PAGE("(?i)\\A\\s*<(!doctype\\s+)?html\\b", "is a web page (%s)");

    /** Comments, and what stands in quotes: a request or an answer may look like anything. */
    private static final Pattern NOT_SYNTAX = Pattern.compile("(?m)^\\s*#.*$|\"[^\"\n]*\"");

    private final Pattern mark;
    private final String sentence;

    ForeignFile(String mark, String sentence) {
        this.mark = Pattern.compile(mark);
        this.sentence = sentence;
    }

    /** What a file that has errors is instead, if it can be told. */
    static Optional<String> recognise(String text) {
        String live = NOT_SYNTAX.matcher(text).replaceAll("");
        for (ForeignFile kind : values()) {
            Matcher matcher = kind.mark.matcher(live);
            if (matcher.find()) {
                return Optional.of(kind.sentence.formatted(matcher.group().strip()));
            }
        }
        return Optional.empty();
    }
}
