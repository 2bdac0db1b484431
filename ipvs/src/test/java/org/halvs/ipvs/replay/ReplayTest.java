package org.halvs.ipvs.replay;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.halvs.ipvs.admin.MemoryNameService;
import org.halvs.ipvs.capture.CaptureReader;
import org.halvs.ipvs.capture.CaptureWriter;
import org.halvs.ipvs.capture.CapturedFrame;
import org.halvs.ipvs.capture.FrameBytes;
import org.halvs.ipvs.forward.IpvsProcessor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code halvs replay} as a whole: files in, files and a log out. */
class ReplayTest {
    private static final String SYN = "cl 198.18.4.1>10.0.1.100 TCP 28001>80 S ttl=64";
    private static final String SYN_ACK = "be 10.0.2.11>198.18.4.1 TCP 8080>28001 SA ttl=64";
    private static final String RULES = "-A -t 10.0.1.100:80 -s rr\n-a -t 10.0.1.100:80 -r 10.0.2.11:8080 -m -w 1\n";

    @TempDir
    private Path folder;

    private final Replay replay =
            new Replay(() -> new IpvsProcessor(IpvsProcessor.Options.DEFAULT, 0), new MemoryNameService(""));
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    private int run(ReplayOptions options, String stdin) {
        return replay.run(
                options,
                new ByteArrayInputStream(stdin.getBytes(StandardCharsets.UTF_8)),
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8));
    }

    private String printed() {
        return out.toString(StandardCharsets.UTF_8);
    }

    private static CapturedFrame captured(long nanos, String name, String brief) {
        TestFrames.Arrival arrival = TestFrames.of(brief, Optional.empty());
        return new CapturedFrame(nanos, name, arrival.bytes());
    }

    private ReplayOptions.Captures twoInterfaces(Optional<Path> output) throws IOException {
        Path rules = Files.writeString(folder.resolve("rules"), RULES);
        Path client = folder.resolve("eth0.pcap");
        Path backend = folder.resolve("eth1.pcap");
        Files.write(client, CaptureWriter.pcap(List.of(captured(1_000_000_000L, "", SYN))));
        Files.write(backend, CaptureWriter.pcap(List.of(captured(1_500_000_000L, "", SYN_ACK))));
        return new ReplayOptions.Captures(
                new ReplayOptions.Rules.File(rules),
                Optional.empty(),
                Optional.empty(),
                List.of(
                        new ReplayOptions.Input(client, Optional.empty()),
                        new ReplayOptions.Input(backend, Optional.empty())),
                output);
    }

    @Test
    void capturesOfTwoInterfacesAreReplayedWithoutADescriptionOfTheNetwork() throws IOException {
        Path output = folder.resolve("out.pcapng");
        assertThat(run(twoInterfaces(Optional.of(output)), "")).isZero();
        assertThat(printed()).endsWith("""
                        0.000000 eth0 198.18.4.1>10.0.1.100 TCP 28001>80 S ttl=64 => eth1 198.18.4.1>10.0.2.11 TCP 28001>8080 S ttl=63
                        0.500000 eth1 10.0.2.11>198.18.4.1 TCP 8080>28001 SA ttl=64 => eth0 10.0.1.100>198.18.4.1 TCP 80>28001 SA ttl=63
                        """);
        List<CapturedFrame> sent = CaptureReader.read(Files.readAllBytes(output));
        assertThat(sent).extracting(CapturedFrame::interfaceName).containsExactly("eth1", "eth0");
        assertThat(sent).extracting(CapturedFrame::timeNanos).containsExactly(1_000_000_000L, 1_500_000_000L);
        assertThat(FrameBrief.of(sent.getFirst().bytes())).isEqualTo("198.18.4.1>10.0.2.11 TCP 28001>8080 S ttl=63");
    }

    @Test
    void theSameInputGivesTheSameOutput() throws IOException {
        assertThat(run(twoInterfaces(Optional.empty()), "")).isZero();
        String first = printed();
        out.reset();
        assertThat(run(twoInterfaces(Optional.empty()), "")).isZero();
        assertThat(printed()).isEqualTo(first);
    }

    @Test
    void rulesOfIptablesMarkThePacketsOfACapture() throws IOException {
        Path rules = Files.writeString(folder.resolve("marked"), "-A -f 7 -s rr\n-a -f 7 -r 10.0.2.11:8080 -m -w 1\n");
        Path marks = Files.writeString(
                folder.resolve("iptables"),
                "iptables -t mangle -A PREROUTING -i eth0 -p tcp -d 10.0.1.100/32 --dport 80 -j MARK --set-mark 7\n");
        ReplayOptions.Captures plain = twoInterfaces(Optional.empty());
        assertThat(run(
                        new ReplayOptions.Captures(
                                new ReplayOptions.Rules.File(rules),
                                Optional.empty(),
                                Optional.of(marks),
                                plain.inputs(),
                                Optional.empty()),
                        ""))
                .isZero();
        assertThat(printed()).contains("=> eth1 198.18.4.1>10.0.2.11 TCP 28001>8080 S ttl=63");
    }

    @Test
    void whatTheDirectorItselfSentIsNotReplayed() throws IOException {
        Path rules = Files.writeString(folder.resolve("rules"), RULES);
        List<CapturedFrame> both = new ArrayList<>();
        both.add(captured(1, "eth0", SYN));
        byte[] own = both.getFirst().bytes().toArray();
        System.arraycopy(own, 0, own, 6, 6); // sent by the address the first frame went to
        both.add(new CapturedFrame(2, "eth0", FrameBytes.of(own)));
        Path capture = folder.resolve("both.pcapng");
        Files.write(capture, CaptureWriter.pcapng(both));
        ReplayOptions options = new ReplayOptions.Captures(
                new ReplayOptions.Rules.File(rules),
                Optional.empty(),
                Optional.empty(),
                List.of(new ReplayOptions.Input(capture, Optional.empty())),
                Optional.empty());
        assertThat(run(options, "")).isZero();
        assertThat(printed()).contains("=> skipped: the director sent it");
    }

    @Test
    void theNetworkThatWasAssumedCanBeGivenBackAsADescription() throws IOException {
        ReplayOptions.Captures inferred = twoInterfaces(Optional.empty());
        assertThat(run(inferred, "")).isZero();
        List<String> lines = printed().lines().toList();
        String network = String.join(
                "\n",
                lines.stream()
                        .filter(line -> line.startsWith("# "))
                        .skip(1)
                        .map(line -> line.substring(2))
                        .toList());
        List<String> decisions =
                lines.stream().filter(line -> !line.startsWith("#")).toList();
        Path description = Files.writeString(folder.resolve("network"), network);
        out.reset();
        assertThat(run(
                        new ReplayOptions.Captures(
                                inferred.rules(),
                                Optional.of(description),
                                Optional.empty(),
                                inferred.inputs(),
                                Optional.empty()),
                        ""))
                .isZero();
        assertThat(printed().lines().toList()).isEqualTo(decisions);
    }

    @Test
    void aScriptFromStandardInputPrintsAnswersOnly() {
        String syn = TestFrames.of(SYN, Optional.empty()).bytes().toString();
        String script = """
                interface e0 02:00:00:00:01:01 10.0.1.1/24,10.0.1.100/32
                interface e1 02:00:00:00:02:01 10.0.2.1/24
                route default via 10.0.1.254
                neighbour e1 10.0.2.11 02:00:00:00:02:0b
                ipvsadm -A -t 10.0.1.100:80 -s rr
                frame e0 %1$s
                ipvsadm -a -t 10.0.1.100:80 -r 10.0.2.11:8080 -m
                frame e0 %1$s
                ipvsadm -D -t 10.0.1.100:81
                ipvsadm -Lnc
                advance 10m
                ipvsadm -Ln
                """.formatted(syn);
        assertThat(run(new ReplayOptions.Script(Optional.empty(), false), script))
                .isZero();
        assertThat(printed().lines().toList())
                .satisfiesExactly(
                        line -> assertThat(line).isEqualTo("> drop no_neighbour e0 10.0.1.254"),
                        line -> assertThat(line).isEqualTo("> drop no_destination"),
                        line -> assertThat(line).startsWith("> e1 02000000020b0200000002010800"),
                        line -> assertThat(line).isEqualTo("| No such service"),
                        line -> assertThat(line).isEqualTo("| exit 255"),
                        line -> assertThat(line).isEqualTo("| IPVS connection entries"),
                        line -> assertThat(line).startsWith("| pro expire state"),
                        line -> assertThat(line).startsWith("| TCP 01:00  SYN_RECV    198.18.4.1:28001"),
                        line -> assertThat(line).startsWith("| IP Virtual Server"),
                        line -> assertThat(line).startsWith("| Prot"),
                        line -> assertThat(line).startsWith("|   -> Remote"),
                        line -> assertThat(line).isEqualTo("| TCP  10.0.1.100:80 rr"),
                        line -> assertThat(line)
                                .isEqualTo("|   -> 10.0.2.11:8080               Masq    1      0          0         "));
    }

    @Test
    void brokenInputIsToldWithFileAndLine() throws IOException {
        Path script = Files.writeString(folder.resolve("s"), "fly\n");
        assertThat(run(new ReplayOptions.Script(Optional.of(script), false), ""))
                .isEqualTo(2);
        assertThat(err.toString(StandardCharsets.UTF_8)).startsWith(script + ":1: unknown command fly");
        err.reset();
        assertThat(run(new ReplayOptions.Script(Optional.of(folder.resolve("none")), false), ""))
                .isEqualTo(2);
        assertThat(err.toString(StandardCharsets.UTF_8)).contains("none: no such file");
        err.reset();
        assertThat(run(new ReplayOptions.Script(Optional.empty(), false), "frame e0 00\n"))
                .isEqualTo(2);
        assertThat(err.toString(StandardCharsets.UTF_8)).startsWith("-:1: there is no interface e0");
    }
}
