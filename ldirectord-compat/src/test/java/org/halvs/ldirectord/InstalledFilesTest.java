package org.halvs.ldirectord;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The files a package installs, the examples, and the manual: they load, and they leave no directive out. */
class InstalledFilesTest {
    private static final Path ROOT = Path.of("..");
    private static final Path COMMENTED = ROOT.resolve("etc/ha.d/ldirectord.cf");
    private static final Path MANUAL = ROOT.resolve("packaging/man/ldirectord.cf.5");
    /** What a commented example should not suggest: old words, and those that do nothing. */
    private static final List<Directive> NOT_WORTH_KNOWING =
            List.of(Directive.CONNECTTIMEOUT, Directive.TIMEOUT, Directive.CHECKCOUNT, Directive.LOAD);

    private static final Pattern COMMENTED_OUT = Pattern.compile("(?m)^#(    #?)?([a-z0-9]+)=(.*)$");

    static List<Path> files() throws IOException {
        try (Stream<Path> files = Files.walk(ROOT.resolve("etc"))) {
            List<Path> found =
                    new ArrayList<>(files.filter(file -> file.toString().endsWith(".cf"))
                            .filter(file -> !file.endsWith("ha.cf"))
                            .sorted()
                            .toList());
            assertThat(found).hasSizeGreaterThan(5);
            return found;
        }
    }

    @ParameterizedTest
    @MethodSource("files")
    void loadsWithoutAnyComplaint(Path file) throws IOException {
        assertThat(read(text(file)).result().problems()).isEmpty();
    }

    @Test
    void whatIsCommentedOutLoadsToo() throws IOException {
        String text = COMMENTED_OUT.matcher(text(COMMENTED)).replaceAll(match -> {
            String indent = match.group(1) == null ? "" : "    ";
            return Matcher.quoteReplacement(indent + match.group(2) + "=" + match.group(3));
        });
        // the scheduler of the example has no such flag
        LdirectordReading reading = read(text.replace("    schedflags=sh-port\n", ""));
        assertThat(reading.result().errors()).isEmpty();
        assertThat(reading.result().value().orElseThrow().services().virtuals())
                .singleElement()
                .satisfies(virtual -> assertThat(virtual.reals()).hasSize(5));
    }

    @Test
    void everyDirectiveIsExplained() throws IOException {
        String example = text(COMMENTED);
        String manual = text(MANUAL);
        for (Directive directive : Directive.values()) {
            assertThat(manual).as(directive.word()).contains("\n.BI \"" + directive.word() + " = ");
            if (!NOT_WORTH_KNOWING.contains(directive)) {
                assertThat(example).as(directive.word()).containsPattern("\\b" + directive.word() + "\\b");
            }
        }
    }

    private static LdirectordReading read(String text) {
        return new LdirectordReader(
                        new FixedNameService("", "", "director1"),
                        new MemoryConfigFiles(List.of("", "/var/log", "/etc/ha.d/maintenance")))
                .read("ldirectord.cf", text);
    }

    private static String text(Path file) throws IOException {
        return Files.readString(file, StandardCharsets.ISO_8859_1);
    }
}
