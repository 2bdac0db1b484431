package org.halvs.ldirectord;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PerlRegexTest {

    /** Each expression, a text Perl 5.36 finds it in, and one it does not. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            quoteCharacter = '`',
            value = {
                "^Test (Page|Site) v\\d+$~Test Site v12~Test Site v",
                "192\\.0\\.2\\.(77|78)~192.0.2.78~192x0.2.78",
                "a{b~xa{b~ab",
                "{}~{}~ab",
                "a{2}~aa~a{2}",
                "a{2,}~aaa~a",
                "a{x}~a{x}~aaa",
                "[a[b]~[~]",
                "[]a]~]~b",
                "[^]a]~b~]a",
                "[a&&b]~&~c",
                "[[:digit:]]+x~5x~dx",
                "[[:^alpha:]]~5~a",
                "[[:space:]x]~x~y",
                "\\yes~yes~no",
                "a\\_b~a_b~ab",
                "(?<n>a)\\k{n}~aa~ab",
                "(?P<n>a)(?P=n)~aa~ab",
                "(a)\\g1~aa~ab",
                "(a)\\g{1}0~aa0~a0",
                "(?i)ok~OK~no",
                "(?^:x)y~xy~y",
                "a(?=b)~ab~ac",
                "a++b~aab~b",
                "\\x41\\x{42}~AB~ab"
            })
    void findsWhatPerlFinds(String perl, String found, String notFound) {
        Pattern pattern = Pattern.compile(translated(perl), Pattern.UNIX_LINES);

        assertThat(pattern.matcher(found).find()).isTrue();
        assertThat(pattern.matcher(notFound).find()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[",
                "(a",
                "*a",
                "a)",
                "a\\",
                "a**",
                "(?<n",
                "[[:foo:]]",
                "(?|a|b)",
                "(?R)",
                "(a)(?1)",
                "a\\Kb",
                "(*FAIL)",
                "x{3,1}",
                "[z-a]"
            })
    void refusesWhatIsNoExpressionOrCannotBeHad(String perl) {
        assertThat(PerlRegex.translate(perl)).isInstanceOf(PerlRegex.Invalid.class);
    }

    @Test
    void anOrdinaryExpressionStaysAsItIs() {
        assertThat(translated("Test Page")).isEqualTo("Test Page");
        assertThat(translated("^(ok|OK)\\s*$")).isEqualTo("^(ok|OK)\\s*$");
    }

    private static String translated(String perl) {
        assertThat(PerlRegex.translate(perl)).isInstanceOf(PerlRegex.Translated.class);
        return PerlRegex.translate(perl) instanceof PerlRegex.Translated(String java) ? java : "";
    }
}
