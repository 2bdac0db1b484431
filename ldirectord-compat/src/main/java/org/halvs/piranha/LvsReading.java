package org.halvs.piranha;

import java.util.Optional;
import org.halvs.dialect.Parsed;

/**
 * What came of reading an lvs.cf.
 *
 * @param file what the lines say, as far as they could be understood
 * @param result what they mean, unless something is in error, and every problem in the order of the lines
 * @param first what Piranha would have stopped at
 */
public record LvsReading(LvsFile file, Parsed<LvsConfig> result, Optional<FirstError> first) {

    /**
     * The error Piranha would have stopped at.
     *
     * @param line from 1; 0 for an empty file
     */
    public record FirstError(LvsError error, int line) {
        /** What pulse printed: {@code pulse: error parsing lvs.cf at line 3: unknown command}. */
        public String ofPulse(String path) {
            return "pulse: error parsing " + path + " at line " + line + ": " + error.text();
        }

        /** What lvsd printed: {@code lvs: error parsing lvs.cf on line 3.} */
        public String ofLvsd(String path) {
            return "lvs: error parsing " + path + " on line " + line + ".";
        }
    }
}
