package org.halvs.piranha;

import java.util.List;
import java.util.Optional;

/**
 * What the lines of an lvs.cf say, in their order.
 *
 * @param globals the settings outside of blocks
 * @param blocks the virtual services and failover services; names need not differ
 */
public record LvsFile(List<Setting> globals, List<Block> blocks) {
    public LvsFile {
        globals = List.copyOf(globals);
        blocks = List.copyOf(blocks);
    }

    /** Something in a block. */
    public sealed interface Entry {
        /** From 1. */
        int line();
    }

    /**
     * {@code key = value …}.
     *
     * @param values as written, quotes included; never empty
     */
    public record Setting(LvsKey key, List<String> values, int line) implements Entry {
        public Setting {
            values = List.copyOf(values);
        }

        /** The first value. */
        public String value() {
            return values.getFirst();
        }
    }

    /** {@code server NAME { … }}. */
    public record Server(String name, List<Setting> settings, int line) implements Entry {
        public Server {
            settings = List.copyOf(settings);
        }
    }

    /**
     * {@code virtual NAME { … }} or, with {@code failover}, {@code failover NAME { … }}.
     *
     * @param entries in their order, which decides the port a server inherits
     */
    public record Block(boolean failover, String name, List<Entry> entries, int line) {
        public Block {
            entries = List.copyOf(entries);
        }

        List<Setting> settings() {
            return entries.stream()
                    .filter(Setting.class::isInstance)
                    .map(Setting.class::cast)
                    .toList();
        }
    }

    /** The last setting of {@code key}, which is the one that counts. */
    static Optional<Setting> last(List<Setting> settings, LvsKey key) {
        return settings.reversed().stream()
                .filter(setting -> setting.key() == key)
                .findFirst();
    }
}
