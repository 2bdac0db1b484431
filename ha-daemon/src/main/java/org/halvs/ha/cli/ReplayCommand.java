package org.halvs.ha.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.halvs.check.CheckResult;
import org.halvs.dialect.ConfigProblem;
import org.halvs.dialect.Parsed;
import org.halvs.director.Director;
import org.halvs.director.Recovery;
import org.halvs.director.ScheduledProbe;
import org.halvs.director.ServicePlan;
import org.halvs.director.VirtualPlan;
import org.halvs.ha.config.DirectorFile;
import org.halvs.ha.config.HalvsYml;
import org.halvs.ipvs.ForwardingTable;
import org.halvs.ipvs.admin.SystemNameService;
import org.halvs.ipvs.forward.IpvsProcessor;
import org.halvs.ipvs.forward.IpvsSettings;
import org.halvs.ipvs.forward.PacketProcessor;
import org.halvs.ipvs.replay.FileTrouble;
import org.halvs.ipvs.replay.Replay;
import org.halvs.ipvs.replay.ReplayOptions;
import org.halvs.ldirectord.LdirectordPlan;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code halvs replay}: what the forwarding core would do, without a network, a daemon or privileges. */
@Command(
        name = "replay",
        sortOptions = false,
        description = {
            "Puts captured packets, or a script of packets, through the forwarding core and tells what becomes of each.",
            "Needs no root and no running daemon; the same input gives the same output."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  tcpdump -i eth0 -w eth0.pcap port 80; ipvsadm -S -n > rules",
            "  halvs replay --rules rules --in eth0.pcap --out sent.pcap",
            "      a line for each packet: time, interface, packet => what the director does with it",
            "  halvs replay --rules ldirectord.cf --in A.pcap@eth0 --in B.pcap@eth1",
            "      all real servers count as up; the network is inferred from the captures",
            "  halvs replay --script FILE        lines of a script:",
            "      interface NAME MAC ADDR/PREFIX[,...]    mtu NAME N       route PREFIX via ADDR | dev NAME",
            "      neighbour NAME ADDR MAC                 ipvsadm ARGS...  sysctl KEY=VALUE",
            "      advance DURATION (500ms, 2s, 15m)       frame NAME HEX [mark N]",
            "      its output: \"> INTERFACE HEX\" for a frame that leaves, \"> local\" for one left to the director's own stack,",
            "      \"> drop REASON\"; \"| \" before what ipvsadm prints",
            "",
            "Exit status: 0, or 2 when a file is missing or can't be followed."
        })
final class ReplayCommand implements Callable<Integer> {
    private static final int BAD_INPUT = 2;

    @ArgGroup(multiplicity = "1")
    private What what = new What();

    @Option(names = "--echo", description = "with --script: print each line of the script before what it leads to")
    private boolean echo;

    @Option(
            names = "--in",
            paramLabel = "FILE[@IF]",
            description = {
                "a capture, pcap or pcapng; give one for each interface",
                "IF: the interface whose packets they are, where the file does not say it (default: the file's name)"
            })
    private List<String> inputs = new ArrayList<>();

    @Option(
            names = "--out",
            paramLabel = "FILE",
            description = "writes what leaves the director: pcapng when the name ends so, else pcap")
    private @Nullable Path output;

    @Option(
            names = "--network",
            paramLabel = "FILE",
            description = "a script that describes the director's network, where the inferred one is wrong")
    private @Nullable Path network;

    @Option(
            names = "--marks",
            paramLabel = "FILE",
            description = "iptables rules that give packets their firewall marks (iptables-save, or commands)")
    private @Nullable Path marks;

    /** One of the two. */
    private static final class What {
        @Option(
                names = "--script",
                paramLabel = "FILE",
                description = "executes a script; - reads it from standard input")
        private @Nullable Path script;

        @Option(
                names = "--rules",
                paramLabel = "FILE",
                description = "the virtual services: the output of ipvsadm -S, or an ldirectord.cf or lvs.cf")
        private @Nullable Path rules;
    }

    @Override
    public Integer call() {
        if (what.script != null) {
            Optional<Path> file = Optional.of(what.script).filter(path -> !path.equals(Path.of("-")));
            return run(new ReplayOptions.Script(file, echo), IpvsSettings.DEFAULT);
        }
        Path rules = what.rules;
        if (rules == null || inputs.isEmpty()) {
            System.err.println("halvs replay: give captures with --in");
            return BAD_INPUT;
        }
        HalvsYml own =
                HalvsYml.read(rules.toAbsolutePath().resolveSibling("")).value().orElse(HalvsYml.DEFAULT);
        Optional<ReplayOptions.Rules> table;
        try {
            table = table(rules, own);
        } catch (IOException e) {
            System.err.println("halvs replay: " + e.getMessage());
            return BAD_INPUT;
        }
        return table.isEmpty()
                ? BAD_INPUT
                : run(
                        new ReplayOptions.Captures(
                                table.get(),
                                Optional.ofNullable(network),
                                Optional.ofNullable(marks),
                                inputs.stream().map(ReplayCommand::input).toList(),
                                Optional.ofNullable(output)),
                        own.settings());
    }

    private static int run(ReplayOptions options, IpvsSettings settings) {
        Replay replay = new Replay(() -> processor(settings), new SystemNameService());
        int exit = replay.run(options, System.in, System.out, System.err);
        System.out.flush();
        return exit;
    }

    private static PacketProcessor processor(IpvsSettings settings) {
        IpvsProcessor processor = new IpvsProcessor(IpvsProcessor.Options.DEFAULT, 0);
        processor.settings(settings);
        return processor;
    }

    private static ReplayOptions.Input input(String word) {
        int at = word.lastIndexOf('@');
        return at <= 0 || at < word.lastIndexOf('/')
                ? new ReplayOptions.Input(Path.of(word), Optional.empty())
                : new ReplayOptions.Input(Path.of(word.substring(0, at)), Optional.of(word.substring(at + 1)));
    }

    /** Where the rules come from; empty when they are a configuration with errors, which have been said. */
    private static Optional<ReplayOptions.Rules> table(Path rules, HalvsYml own) throws IOException {
        String text;
        try {
            text = Files.readString(rules, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw FileTrouble.reading(rules, e);
        }
        return switch (FileKind.of(rules, text)) {
            case LDIRECTORD_CF -> {
                Parsed<LdirectordPlan> read = DirectorFile.read(rules, own);
                read.problems().stream().filter(ConfigProblem::isError).forEach(System.err::println);
                yield read.value().map(plan -> new ReplayOptions.Rules.Table(allUp(plan.services())));
            }
            case LVS_CF -> {
                Parsed<ServicePlan> read = DirectorFile.readLvs(rules);
                read.problems().stream().filter(ConfigProblem::isError).forEach(System.err::println);
                yield read.value().map(plan -> new ReplayOptions.Rules.Table(allUp(plan)));
            }
            case HA_CF, AUTHKEYS, HARESOURCES, HALVS_YML -> Optional.of(new ReplayOptions.Rules.File(rules));
        };
    }

    /** The table when every check has passed and every server has its full weight. */
    static ForwardingTable allUp(ServicePlan plan) {
        List<VirtualPlan> atOnce = plan.virtuals().stream()
                .map(virtual -> virtual.withRecovery(Recovery.AT_ONCE))
                .toList();
        Director director = new Director(new ServicePlan(atOnce, plan.readdQuiescent()), ForwardingTable.EMPTY, 0);
        director.firstStep();
        for (ScheduledProbe probe : director.probes()) {
            director.result(probe.key(), new CheckResult.Passed(""), 0);
        }
        return director.table();
    }
}
