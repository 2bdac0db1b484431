package org.halvs.dialect;

import java.util.Collection;
import java.util.Optional;

/** Finds the word somebody probably meant when they wrote another one. */
public final class DidYouMean {
    /** More differing letters than this and it is another word, not a slip. */
    private static final int FARTHEST = 2;

    /** In words no longer than this one letter is all that may differ: ssh is no slip for sip. */
    private static final int SHORT_WORD = 4;

    private DidYouMean() {}

    /** The known word that {@code written} differs least from, by at most two letters (one in short words) and never by all of them. */
    public static Optional<String> among(Collection<String> known, String written) {
        String best = "";
        int least = FARTHEST + 1;
        for (String word : known) {
            int distance = distance(word, written);
            int farthest = Math.min(word.length(), written.length()) <= SHORT_WORD ? 1 : FARTHEST;
            if (distance < least && distance <= farthest && distance < word.length()) {
                least = distance;
                best = word;
            }
        }
        return best.isEmpty() ? Optional.empty() : Optional.of(best);
    }

    /** Levenshtein distance: insertions, deletions and replacements of one letter. */
    private static int distance(String a, String b) {
        int[] previous = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            previous[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int[] current = new int[b.length() + 1];
            current[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int replaced = previous[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                current[j] = Math.min(replaced, Math.min(previous[j], current[j - 1]) + 1);
            }
            previous = current;
        }
        return previous[b.length()];
    }
}
