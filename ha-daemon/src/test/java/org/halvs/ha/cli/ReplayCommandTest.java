package org.halvs.ha.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import org.halvs.ipvs.capture.CaptureReader;
import org.halvs.ipvs.capture.CaptureWriter;
import org.halvs.ipvs.capture.CapturedFrame;
import org.halvs.ipvs.capture.FrameBytes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands that need no daemon, as they are typed. */
class ReplayCommandTest {
    @TempDir
    Path folder;

    private String out = "";
    private String err = "";

    @Test
    void aScriptIsExecuted() throws IOException {
        Path script = folder.resolve("script");
        Files.writeString(script, """
                interface eth0 02:00:00:00:00:01 192.0.2.80/24
                ipvsadm -A -t 192.0.2.80:80 -s rr
                ipvsadm -L -n
                ipvsadm -D -t 192.0.2.81:80
                """);
        assertThat(run("replay", "--script", script.toString())).isZero();
        assertThat(out)
                .contains("| TCP  192.0.2.80:80 rr")
                .contains("| No such service")
                .contains("| exit 255");
        assertThat(run("replay", "--script", folder.resolve("no").toString())).isEqualTo(2);
        assertThat(err).contains("no such file");
    }

    @Test
    void aCaptureGoesThroughTheTableOfEachDialect() throws IOException {
        Path capture = folder.resolve("eth0.pcap");
        Files.write(capture, CaptureWriter.pcap(List.of(syn())));
        Path rules = folder.resolve("rules");
        Files.writeString(rules, "-A -t 192.0.2.80:80 -s rr\n-a -t 192.0.2.80:80 -r 192.0.2.21:80 -g -w 1\n");
        Path ldirectord = folder.resolve("web.cf");
        Files.writeString(
                ldirectord, "virtual=192.0.2.80:80\n\treal=192.0.2.21:80 gate 1\n\tscheduler=rr\n\tprotocol=tcp\n");
        Path network = folder.resolve("network");
        Files.writeString(network, """
                interface eth0 02:00:00:00:00:01 192.0.2.80/24
                neighbour eth0 192.0.2.21 02:00:00:00:00:21
                """);
        for (Path each : List.of(rules, ldirectord)) {
            Path sent = folder.resolve("sent.pcap");
            assertThat(run(
                            "replay",
                            "--rules",
                            each.toString(),
                            "--network",
                            network.toString(),
                            "--in",
                            capture + "@eth0",
                            "--out",
                            sent.toString()))
                    .as(err)
                    .isZero();
            assertThat(out).contains("0.000000 eth0 ").contains(" => eth0 ");
            assertThat(CaptureReader.read(Files.readAllBytes(sent)))
                    .singleElement()
                    .satisfies(frame -> assertThat(
                                    HexFormat.of().formatHex(frame.bytes().toArray(), 0, 6))
                            .isEqualTo("020000000021"));
        }
    }

    @Test
    void whatIsMissingIsSaid() {
        assertThat(run("replay", "--rules", "x")).isEqualTo(2);
        assertThat(err).contains("--in");
        assertThat(run("replay")).isEqualTo(2);
        assertThat(err).contains("--script").contains("--rules");
    }

    @Test
    void aFileThatCannotBeReadOrWrittenIsNamedWithTheReason() throws IOException {
        String capture = Files.write(folder.resolve("eth0.pcap"), CaptureWriter.pcap(List.of(syn())))
                .toString();
        Path missing = folder.resolve("none");
        assertThat(run("replay", "--rules", missing.toString(), "--in", capture))
                .isEqualTo(2);
        assertThat(err).isEqualTo("halvs replay: " + missing + ": no such file\n");
        assertThat(run("replay", "--rules", folder.toString(), "--in", capture)).isEqualTo(2);
        assertThat(err).isEqualTo("halvs replay: " + folder + ": Is a directory\n");

        String rules = Files.writeString(folder.resolve("rules"), "-A -t 192.0.2.80:80 -s rr\n")
                .toString();
        assertThat(run("replay", "--rules", rules, "--in", missing.toString())).isEqualTo(2);
        assertThat(err).isEqualTo("halvs replay: " + missing + ": no such file\n");
        Path nowhere = missing.resolve("sent.pcap");
        assertThat(run("replay", "--rules", rules, "--in", capture, "--out", nowhere.toString()))
                .isEqualTo(2);
        assertThat(err).isEqualTo("halvs replay: " + nowhere + " can't be written: no such directory\n");
        assertThat(run("replay", "--rules", rules, "--in", capture, "--out", folder.toString()))
                .isEqualTo(2);
        assertThat(err).isEqualTo("halvs replay: " + folder + " can't be written: Is a directory\n");
    }

    @Test
    void ipvsadmWorksOnAFileOfRules() throws IOException {
        String rules = folder.resolve("rules").toString();
        assertThat(run("ipvsadm", "--file", rules, "-A", "-t", "192.0.2.80:80", "-s", "rr"))
                .isZero();
        assertThat(run("ipvsadm", "--file", rules, "-a", "-t", "192.0.2.80:80", "-r", "192.0.2.21:80", "-g"))
                .isZero();
        assertThat(run("ipvsadm", "--file", rules, "-S", "-n")).isZero();
        assertThat(out).isEqualTo("-A -t 192.0.2.80:80 -s rr\n-a -t 192.0.2.80:80 -r 192.0.2.21:80 -g -w 1\n");
        assertThat(run("ipvsadm", "--file", rules, "-A", "-t", "192.0.2.80:80")).isEqualTo(255);
        assertThat(err).isEqualTo("Service already exists\n");
        Files.writeString(Path.of(rules), "-A -t nonsense\n");
        assertThat(run("ipvsadm", "--file", rules, "-L")).isEqualTo(2);
        assertThat(err).contains(rules + ":1: ");
    }

    /** 203.0.113.9:1000 to 192.0.2.80:80. */
    private static CapturedFrame syn() {
        String frame = "020000000001020000000009" + "0800"
                + "450000280000400040063c76" + "cb007109" + "c0000250"
                + "03e80050" + "00000001" + "00000000" + "50022000" + "8d4f0000";
        return new CapturedFrame(0, "eth0", FrameBytes.ofHex(frame));
    }

    private int run(String... words) {
        PrintStream stdout = System.out;
        PrintStream stderr = System.err;
        ByteArrayOutputStream outBytes = new ByteArrayOutputStream();
        ByteArrayOutputStream errBytes = new ByteArrayOutputStream();
        System.setOut(new PrintStream(outBytes, true, StandardCharsets.UTF_8));
        System.setErr(new PrintStream(errBytes, true, StandardCharsets.UTF_8));
        try {
            return Commands.run(List.of(words));
        } finally {
            System.setOut(stdout);
            System.setErr(stderr);
            out = outBytes.toString(StandardCharsets.UTF_8);
            err = errBytes.toString(StandardCharsets.UTF_8);
        }
    }
}
