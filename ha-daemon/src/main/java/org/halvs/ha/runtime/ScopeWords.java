package org.halvs.ha.runtime;

import java.util.Optional;
import org.halvs.ha.takeover.Scope;

/** Operators' words for groups. */
final class ScopeWords {
    private ScopeWords() {}

    /** What {@code hb_standby WORD} means; {@code failback} gives back what prefers the other node. */
    static Optional<Scope> ofStandby(String word) {
        return word.equals("failback") ? Optional.of(Scope.FOREIGN) : plain(word);
    }

    /**
     * What {@code hb_takeover WORD} means; {@code failback} gets back what prefers this node.
     *
     * <p>COMPAT: heartbeat hands that word on as it is, so that the other node gives up everything, its own groups among it. HALVS does what was
     * meant.
     */
    static Optional<Scope> ofTakeover(String word) {
        return word.equals("failback") ? Optional.of(Scope.LOCAL) : plain(word);
    }

    private static Optional<Scope> plain(String word) {
        return switch (word) {
            case "all" -> Optional.of(Scope.ALL);
            case "local" -> Optional.of(Scope.LOCAL);
            case "foreign" -> Optional.of(Scope.FOREIGN);
            default -> Optional.empty();
        };
    }
}
