package org.halvs.piranha;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.halvs.dialect.ConfigProblem;
import org.halvs.dialect.DidYouMean;
import org.halvs.piranha.LvsFile.Block;
import org.halvs.piranha.LvsFile.Entry;
import org.halvs.piranha.LvsFile.Server;
import org.halvs.piranha.LvsFile.Setting;
import org.halvs.piranha.LvsKey.Scope;

/** Lines to settings and blocks. Confined to one call. */
final class LvsParser {
    private static final int MOST_TOKENS = 100;

    private final String file;
    private final LvsValues values;
    private final List<Setting> globals = new ArrayList<>();
    private final List<Block> blocks = new ArrayList<>();
    private final List<ConfigProblem> problems = new ArrayList<>();
    private Optional<LvsReading.FirstError> first = Optional.empty();
    private Optional<OpenBlock> block = Optional.empty();
    private Optional<OpenServer> server = Optional.empty();
    /** How many braces are open that belong to a command nobody knows. */
    private int unknownDepth;

    private record OpenBlock(boolean failover, String name, int line, List<Entry> entries) {}

    private record OpenServer(String name, int line, List<Setting> settings) {}

    LvsParser(String file, LvsValues values) {
        this.file = file;
        this.values = values;
    }

    LvsFile parse(String text) {
        List<String> lines = text.lines().toList();
        if (text.isEmpty()) {
            error(0, "", LvsError.EMPTY, "the file has nothing in it");
        }
        for (int i = 0; i < lines.size(); i++) {
            line(lines.get(i), i + 1);
        }
        // COMPAT: the end of the file closes whatever is open
        closeServer();
        closeBlock();
        return new LvsFile(globals, blocks);
    }

    List<ConfigProblem> problems() {
        return problems;
    }

    Optional<LvsReading.FirstError> first() {
        return first;
    }

    private void line(String line, int number) {
        if (line.isBlank() || line.strip().startsWith("#")) {
            return;
        }
        Optional<List<String>> split = LvsTokens.split(line);
        if (split.isEmpty()) {
            error(number, "", LvsError.QUOTATION_MISMATCH, "close the quote; a quote can't stand inside its own kind");
            return;
        }
        List<String> tokens = split.get();
        if (unknownDepth > 0) {
            skip(tokens);
        } else if (tokens.size() > MOST_TOKENS) {
            error(number, tokens.getFirst(), LvsError.UNEXPECTED_ARGUMENTS, "a line may have 100 words");
        } else if (tokens.getFirst().equals("}") && (block.isPresent() || server.isPresent())) {
            // COMPAT: what follows the brace is passed over
            if (server.isPresent()) {
                closeServer();
            } else {
                closeBlock();
            }
        } else {
            command(tokens, number);
        }
    }

    private void skip(List<String> tokens) {
        if (tokens.getFirst().equals("}")) {
            unknownDepth--;
        } else if (tokens.getLast().equals("{")) {
            unknownDepth++;
        }
    }

    private Scope scope() {
        return server.isPresent() ? Scope.SERVER : block.isPresent() ? Scope.BLOCK : Scope.GLOBAL;
    }

    private void command(List<String> tokens, int number) {
        String word = tokens.getFirst();
        boolean opensBlock = scope() == Scope.GLOBAL && (word.equals("virtual") || word.equals("failover"));
        boolean opensServer = scope() == Scope.BLOCK
                && word.equals("server")
                && block.filter(open -> !open.failover()).isPresent();
        if (opensBlock || opensServer) {
            open(tokens, number, opensServer);
            return;
        }
        Optional<LvsKey> key = LvsKey.of(scope(), word);
        if (key.isEmpty()) {
            error(number, word, LvsError.UNKNOWN_COMMAND, unknownRemedy(tokens));
            if (tokens.size() > 1 && tokens.getLast().equals("{")) {
                unknownDepth++;
            }
            return;
        }
        setting(key.get(), tokens, number);
    }

    private void open(List<String> tokens, int number, boolean opensServer) {
        String form = tokens.getFirst() + " NAME {";
        String name = tokens.size() > 1 ? tokens.get(1) : "";
        if (tokens.size() < 3) {
            error(number, tokens.getFirst(), LvsError.MISSING_ARGUMENTS, "write " + form + " on one line");
        } else if (!tokens.get(2).equals("{") || tokens.size() > 3) {
            error(number, tokens.getFirst(), LvsError.UNEXPECTED_ARGUMENTS, "write " + form + " and nothing else");
        }
        if (opensServer) {
            server = Optional.of(new OpenServer(name, number, new ArrayList<>()));
        } else {
            block = Optional.of(new OpenBlock(tokens.getFirst().equals("failover"), name, number, new ArrayList<>()));
        }
    }

    private void closeServer() {
        if (server.isPresent() && block.isPresent()) {
            OpenServer open = server.get();
            block.get().entries().add(new Server(open.name(), open.settings(), open.line()));
        }
        server = Optional.empty();
    }

    private void closeBlock() {
        block.ifPresent(open -> blocks.add(new Block(open.failover(), open.name(), open.entries(), open.line())));
        block = Optional.empty();
    }

    private void setting(LvsKey key, List<String> tokens, int number) {
        String usage = key.word() + " = " + key.expected();
        if (tokens.size() < 2 || !tokens.get(1).equals("=")) {
            boolean lacking = tokens.size() < 2;
            error(
                    number,
                    key.word(),
                    lacking ? LvsError.MISSING_ARGUMENTS : LvsError.EQUAL_EXPECTED,
                    "write " + usage + ", with blanks around the equals sign");
            return;
        }
        if (tokens.size() < 3) {
            error(number, key.word(), LvsError.MISSING_ARGUMENTS, "write " + usage);
            return;
        }
        List<String> written = tokens.subList(2, tokens.size());
        Optional<LvsError> wrong = values.check(key, written);
        if (wrong.isPresent()) {
            boolean comment = written.stream().anyMatch(token -> token.startsWith("#"));
            error(
                    number,
                    key.word(),
                    wrong.get(),
                    key.word() + " takes " + key.expected()
                            + (comment ? "; a comment must have a line of its own" : ""));
            return;
        }
        Setting setting = new Setting(key, written, number);
        if (server.isPresent()) {
            server.get().settings().add(setting);
        } else if (block.isPresent()) {
            block.get().entries().add(setting);
        } else {
            globals.add(setting);
        }
    }

    private String unknownRemedy(List<String> tokens) {
        String word = tokens.getFirst();
        List<String> known = LvsKey.words(scope());
        int equals = word.indexOf('=');
        if (equals > 0 && known.contains(word.substring(0, equals))) {
            return "put blanks around the equals sign";
        }
        if (tokens.size() > 1 && known.contains(word + "_" + tokens.get(1))) {
            return "did you mean \"" + word + "_" + tokens.get(1) + "\"?";
        }
        if (word.equals("}")) {
            return "there is no open brace; remove it";
        }
        if (word.equals("nmask") && scope() == Scope.SERVER) {
            return "old versions of the piranha GUI wrote it; remove the line";
        }
        for (Scope other : Scope.values()) {
            if (LvsKey.words(other).contains(word)) {
                return switch (other) {
                    case GLOBAL -> word + " is a global key; put it outside of all blocks";
                    case BLOCK -> word + " belongs into a virtual block";
                    case SERVER -> word + " belongs into a server block";
                };
            }
        }
        return DidYouMean.among(known, word)
                .map(meant -> "did you mean \"" + meant + "\"?")
                .orElse("lvs.cf has no such key here");
    }

    private void error(int line, String word, LvsError error, String remedy) {
        if (first.isEmpty()) {
            first = Optional.of(new LvsReading.FirstError(error, line));
        }
        problems.add(ConfigProblem.error(file, line, word, error.text(), remedy));
    }
}
