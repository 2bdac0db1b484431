package org.halvs.ha.heartbeat;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Options of one letter, as getopt(3) of the GNU C library reads them: letters may share a dash, options may stand behind parameters,
 * {@code --} ends them.
 *
 * @param given letters with their arguments, empty for those without
 * @param parameters everything that is no option, in order
 * @param complaints what getopt says of wrong options, a line each
 */
record ShortOptions(Map<Character, String> given, List<String> parameters, List<String> complaints) {

    /**
     * @param program the name complaints begin with
     * @param letters the known ones, each followed by {@code :} when it takes an argument
     */
    static ShortOptions read(String program, String letters, List<String> words) {
        Map<Character, String> given = new LinkedHashMap<>();
        List<String> parameters = new ArrayList<>();
        List<String> complaints = new ArrayList<>();
        for (int i = 0; i < words.size(); i++) {
            String word = words.get(i);
            if (word.equals("--")) {
                parameters.addAll(words.subList(i + 1, words.size()));
                break;
            }
            if (!word.startsWith("-") || word.length() == 1) {
                parameters.add(word);
                continue;
            }
            for (int at = 1; at < word.length(); at++) {
                char letter = word.charAt(at);
                int known = letter == ':' ? -1 : letters.indexOf(letter);
                if (known < 0) {
                    complaints.add(program + ": invalid option -- '" + letter + "'");
                } else if (!letters.startsWith(":", known + 1)) {
                    given.put(letter, "");
                } else if (at + 1 < word.length()) {
                    given.put(letter, word.substring(at + 1));
                    break;
                } else if (i + 1 < words.size()) {
                    given.put(letter, words.get(++i));
                    break;
                } else {
                    complaints.add(program + ": option requires an argument -- '" + letter + "'");
                }
            }
        }
        return new ShortOptions(given, parameters, complaints);
    }

    boolean has(char letter) {
        return given.containsKey(letter);
    }
}
