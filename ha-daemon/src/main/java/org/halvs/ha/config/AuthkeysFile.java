package org.halvs.ha.config;

import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.halvs.dialect.ConfigProblem;
import org.halvs.dialect.DidYouMean;
import org.halvs.dialect.Parsed;

/**
 * Reads authkeys: {@code auth N}, then {@code N method [key]} for each key. Messages are heartbeat's and never contain a key, nor a line that may hold
 * one.
 */
public final class AuthkeysFile {
    private static final int HIGHEST_NUMBER = 15;
    /** No auth line yet. */
    private static final int UNSEEN = -1;
    /** An auth line that was wrong, and was said to be. */
    private static final int REFUSED = -2;

    private static final List<String> METHODS = List.of("crc", "md5", "sha1");

    private final String file;
    private final List<ConfigProblem> problems = new ArrayList<>();
    private final Map<Integer, Authkeys.Key> keys = new LinkedHashMap<>();
    private int signing = UNSEEN;
    private int signingLine;

    private AuthkeysFile(String file) {
        this.file = file;
    }

    /**
     * Reads the text of an authkeys file.
     *
     * @param file the file as the administrator knows it, for messages
     * @param mode who may read and write the file; more than its owner's reading and writing is refused
     */
    public static Parsed<Authkeys> parse(String file, String text, Set<PosixFilePermission> mode) {
        return new AuthkeysFile(file).read(text, mode);
    }

    private Parsed<Authkeys> read(String text, Set<PosixFilePermission> mode) {
        checkMode(mode);
        int number = 0;
        for (String line : text.lines().toList()) {
            number++;
            String[] words = line.replaceFirst("#.*", "").strip().split("\\s+");
            if (!words[0].isEmpty()) {
                readLine(number, words);
            }
        }
        if (signing == UNSEEN) {
            error(0, "auth", "Missing auth directive in keyfile [" + file + "]", "begin the file with \"auth 1\"");
        } else if (signing != REFUSED && !keys.containsKey(signing)) {
            error(
                    signingLine,
                    "auth",
                    "Auth Key [" + signing + "] not found in keyfile [" + file + "]",
                    "write the line \"" + signing + " sha1 <a secret word>\" below the auth line");
        }
        return problems.stream().anyMatch(ConfigProblem::isError)
                ? new Parsed<>(Optional.empty(), problems)
                : new Parsed<>(Optional.of(new Authkeys(signing, keys)), problems);
    }

    private void checkMode(Set<PosixFilePermission> mode) {
        if (mode.contains(PosixFilePermission.GROUP_READ) || mode.contains(PosixFilePermission.OTHERS_READ)) {
            error(0, "", "Bad permissions on keyfile [" + file + "], 600 recommended.", "chmod 600 " + file);
        } else if (mode.contains(PosixFilePermission.GROUP_WRITE) || mode.contains(PosixFilePermission.OTHERS_WRITE)) {
            // COMPAT: heartbeat does not notice that others may write; it starts, and so does HALVS
            problems.add(ConfigProblem.warning(
                    file, 0, "", "others than the owner may write to the file", "chmod 600 " + file));
        }
    }

    private void readLine(int line, String[] words) {
        if (words[0].equals("auth")) {
            readAuth(line, words);
            return;
        }
        Optional<Integer> number = number(words[0]);
        if (number.isEmpty() || words.length < 2) {
            // the line itself may be a secret that slipped: only its first word is shown, and that only when it is no
            // key
            String shown = words.length == 1 && number.isEmpty() ? "..." : words[0] + " ...";
            String meant = DidYouMean.among(List.of("auth"), words[0])
                    .map(w -> "did you mean \"" + w + "\"?")
                    .orElse("a line is \"auth N\" or \"N crc\", \"N md5 key\", \"N sha1 key\"");
            error(line, "", "Auth line [" + shown + "] is invalid.", meant);
            return;
        }
        readKey(line, number.get(), words);
    }

    private void readAuth(int line, String[] words) {
        Optional<Integer> number = words.length == 2 ? number(words[1]) : Optional.empty();
        if (number.isEmpty()) {
            error(
                    line,
                    "auth",
                    "Auth line [auth ...] is invalid.",
                    "write \"auth 1\": the number of the key that signs");
            signing = REFUSED;
            return;
        }
        if (number.get() > HIGHEST_NUMBER) {
            error(line, "auth", "Invalid authnum [" + number.get() + "] in " + file, "numbers are 0 to 15");
            signing = REFUSED;
            return;
        }
        signing = number.get();
        signingLine = line;
        if (keys.remove(signing) != null) {
            // COMPAT: heartbeat chooses the key while it reads, so a key above its auth line is never found
            error(
                    line,
                    "auth",
                    "Auth Key [" + signing + "] not found in keyfile [" + file + "]",
                    "move the auth line above key " + signing);
            signing = REFUSED;
        }
    }

    private void readKey(int line, int number, String[] words) {
        String method = words[1].toLowerCase(Locale.ROOT);
        if (number > HIGHEST_NUMBER) {
            error(line, words[0], "Invalid authnum [" + number + "] in " + file, "numbers are 0 to 15");
            return;
        }
        if (!METHODS.contains(method)) {
            String meant = DidYouMean.among(METHODS, method)
                    .map(m -> "did you mean " + m + "? ")
                    .orElse("");
            error(
                    line,
                    words[0],
                    "Invalid authtype [" + (words.length < 3 ? "..." : words[1]) + "]", // a lone word may be the key
                    meant + "the methods are " + String.join(", ", METHODS));
            return;
        }
        Authkeys.Method kind = Authkeys.Method.valueOf(method.toUpperCase(Locale.ROOT));
        if (kind.needsSecret() && words.length < 3) {
            error(line, words[0], "Auth method [" + method + "] requires a key", "add a secret word to the line");
            return;
        }
        if (!kind.needsSecret() && words.length > 2) {
            error(line, words[0], "Auth method [" + method + "] doesn't use a key", "take the key off the line");
            return;
        }
        if (words.length > 3) {
            problems.add(ConfigProblem.warning(
                    file, line, words[0], "a key is one word; the rest of the line is ignored", "take it off"));
        }
        if (!kind.needsSecret()) {
            problems.add(ConfigProblem.warning(
                    file,
                    line,
                    words[0],
                    "crc has no secret: whoever can send to this node can take its addresses away",
                    "use \"" + number + " sha1 <a secret word>\""));
        }
        keys.put(number, new Authkeys.Key(number, kind, kind.needsSecret() ? words[2] : ""));
    }

    private static Optional<Integer> number(String word) {
        return word.matches("[0-9]{1,4}") ? Optional.of(Integer.parseInt(word)) : Optional.empty();
    }

    private void error(int line, String directive, String message, String remedy) {
        problems.add(ConfigProblem.error(file, line, directive, message, remedy));
    }
}
