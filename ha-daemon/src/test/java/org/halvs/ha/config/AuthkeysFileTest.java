package org.halvs.ha.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.attribute.PosixFilePermissions;
import org.halvs.dialect.Parsed;
import org.junit.jupiter.api.Test;

class AuthkeysFileTest {
    private static Parsed<Authkeys> parse(String text) {
        return AuthkeysFile.parse("authkeys", text, PosixFilePermissions.fromString("rw-------"));
    }

    @Test
    void severalKeysOneSigns() {
        Authkeys keys =
                parse("auth 2 # since May\n1 md5 old\n2 sha1 new\n").value().orElseThrow();
        assertThat(keys.signingKey()).isEqualTo(new Authkeys.Key(2, Authkeys.Method.SHA1, "new"));
        assertThat(keys.keys()).containsOnlyKeys(1, 2);
    }

    @Test
    void noTextShowsASecret() {
        Authkeys keys = parse("auth 1\n1 sha1 s3cret\n").value().orElseThrow();
        assertThat(keys.toString()).doesNotContain("s3cret");
        assertThat(parse("s3cret\n1 s3cret\n1 sha s3cret\nauth s3cret\n1 crc s3cret\n")
                        .problems())
                .isNotEmpty()
                .allSatisfy(p -> assertThat(p.toString()).doesNotContain("s3cret"));
    }

    @Test
    void crcIsAcceptedWithAWarning() {
        Parsed<Authkeys> parsed = parse("auth 1\n1 crc\n");
        assertThat(parsed.value()).isPresent();
        assertThat(parsed.problems()).hasSize(1);
    }
}
