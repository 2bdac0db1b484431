package org.halvs.ipvs.admin;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Walks through a command line as libpopt does: long options with {@code =value} or a following value, short options bundled or with the
 * value attached, other words kept aside, everything after {@code --} kept aside.
 */
final class OptionReader {

    /** What comes next on the command line. */
    sealed interface Item {
        /** An option of ipvsadm; {@code word} is the word it stands in, for messages. */
        record Option(AdminOption option, Optional<String> value, String word) implements Item {}

        /** A word that can't be read, with libpopt's reason. */
        record Unreadable(String word, String reason) implements Item {}

        /** Nothing more. */
        record End() implements Item {}
    }

    private final List<String> words;
    private final List<String> leftovers = new ArrayList<>();
    private int next;
    private String bundle = "";
    private boolean onlyLeftovers;

    OptionReader(List<String> words) {
        this.words = List.copyOf(words);
    }

    /** The words that are no options, so far. */
    List<String> leftovers() {
        return List.copyOf(leftovers);
    }

    Item next() {
        while (bundle.isEmpty()) {
            if (next == words.size()) {
                return new Item.End();
            }
            String word = words.get(next++);
            if (onlyLeftovers || word.length() < 2 || word.charAt(0) != '-') {
                leftovers.add(word);
            } else if (word.equals("--")) {
                onlyLeftovers = true;
            } else {
                Optional<Item> read = longOption(word);
                if (read.isPresent()) {
                    return read.get();
                }
                bundle = word.substring(1);
            }
        }
        return shortOption();
    }

    /** Reads a word as a long option; empty when it is a bundle of short ones. */
    private Optional<Item> longOption(String word) {
        if (!word.startsWith("--")) {
            return Optional.empty();
        }
        int equals = word.indexOf('=');
        String name = word.substring(2, equals < 0 ? word.length() : equals);
        Optional<AdminOption> option = AdminOption.ofLong(name);
        if (option.isEmpty()) {
            return Optional.of(new Item.Unreadable(word, "unknown option"));
        }
        if (equals < 0) {
            return Optional.of(withFollowingValue(option.get(), word));
        }
        if (option.get().argument() == AdminOption.Argument.NONE) {
            return Optional.of(new Item.Unreadable(word, "option does not take an argument"));
        }
        return Optional.of(new Item.Option(option.get(), Optional.of(word.substring(equals + 1)), word));
    }

    private Item shortOption() {
        String word = words.get(next - 1);
        Optional<AdminOption> option = AdminOption.ofShort(bundle.charAt(0));
        if (option.isEmpty()) {
            bundle = "";
            return new Item.Unreadable(word, "unknown option");
        }
        // libpopt lets an equals sign stand between a short option and its value, which may be empty then
        boolean equals = bundle.startsWith("=", 1);
        String rest = bundle.substring(equals ? 2 : 1);
        if (option.get().argument() == AdminOption.Argument.NONE) {
            bundle = equals ? "" : rest;
            return equals
                    ? new Item.Unreadable(word, "option does not take an argument")
                    : new Item.Option(option.get(), Optional.empty(), word);
        }
        bundle = "";
        return rest.isEmpty() && !equals
                ? withFollowingValue(option.get(), word)
                : new Item.Option(option.get(), Optional.of(rest), word);
    }

    private Item withFollowingValue(AdminOption option, String word) {
        return switch (option.argument()) {
            case NONE -> new Item.Option(option, Optional.empty(), word);
            case REQUIRED ->
                next == words.size()
                        ? new Item.Unreadable(word, "missing argument")
                        : new Item.Option(option, Optional.of(words.get(next++)), word);
            case OPTIONAL ->
                next == words.size() || words.get(next).startsWith("-")
                        ? new Item.Option(option, Optional.empty(), word)
                        : new Item.Option(option, Optional.of(words.get(next++)), word);
        };
    }
}
