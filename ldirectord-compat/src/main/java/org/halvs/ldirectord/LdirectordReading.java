package org.halvs.ldirectord;

import java.util.List;
import java.util.Optional;
import org.halvs.dialect.Parsed;

/**
 * What came of reading an ldirectord.cf.
 *
 * @param config what the lines say, as far as they could be understood
 * @param result the plan, unless something is in error, and every problem: first those ldirectord would have found first
 * @param options the global options; of a file in error those before the line at which ldirectord would have stopped
 * @param originals what ldirectord itself would have printed: its warnings, and its first error if there is one
 */
public record LdirectordReading(
        LdirectordConfig config,
        Parsed<LdirectordPlan> result,
        LdirectordOptions options,
        List<OriginalMessage> originals) {
    public LdirectordReading {
        originals = List.copyOf(originals);
    }

    /** The error ldirectord would have ended with. */
    public Optional<OriginalMessage> firstError() {
        return originals.stream().filter(OriginalMessage::error).findFirst();
    }
}
