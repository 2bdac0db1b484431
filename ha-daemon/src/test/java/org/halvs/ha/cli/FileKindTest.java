package org.halvs.ha.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class FileKindTest {

    @Test
    void goesByTheName() {
        assertThat(FileKind.of(Path.of("/etc/ha.d/ha.cf"), "")).isEqualTo(FileKind.HA_CF);
        assertThat(FileKind.of(Path.of("haresources"), "node a b")).isEqualTo(FileKind.HARESOURCES);
        assertThat(FileKind.of(Path.of("x/lvs.cf"), "")).isEqualTo(FileKind.LVS_CF);
    }

    @Test
    void goesByTheTextOfFilesWithOtherNames() {
        assertThat(kind("# web\ncheckinterval = 2\nvirtual=192.0.2.1:80\n\treal=192.0.2.2:80 gate\n"))
                .isEqualTo(FileKind.LDIRECTORD_CF);
        assertThat(kind("serial_no = 4\nvirtual web {\n}\n")).isEqualTo(FileKind.LVS_CF);
        assertThat(kind("auth 1\n1 sha1 x\n")).isEqualTo(FileKind.AUTHKEYS);
        assertThat(kind("logfile /var/log/ha-log\nkeepalive 2\n")).isEqualTo(FileKind.HA_CF);
        assertThat(kind("lb1 192.0.2.1 httpd\n")).isEqualTo(FileKind.HARESOURCES);
    }

    private static FileKind kind(String text) {
        return FileKind.of(Path.of("01.cf"), text);
    }
}
