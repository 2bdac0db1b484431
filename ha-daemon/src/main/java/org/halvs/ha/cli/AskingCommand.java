package org.halvs.ha.cli;

import java.io.IOException;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.halvs.ha.control.Answer;
import org.halvs.ha.control.ControlClient;
import org.halvs.ha.control.Request;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** A command the daemon answers. */
abstract sealed class AskingCommand implements Callable<Integer> {
    /** No daemon answers; the status {@code systemctl status} and LSB give a program that is not running. */
    static final int NOT_RUNNING = 3;

    @Mixin
    private final Directories directories = new Directories();

    abstract Request request();

    @Override
    public Integer call() throws IOException {
        ControlClient client = new ControlClient(directories.run());
        Answer answer = client.ask(request(), part -> {
                    System.out.print(part);
                    System.out.flush();
                })
                .orElseGet(() -> Answer.failed(NOT_RUNNING, "halvs: " + client.absent() + System.lineSeparator()));
        System.out.print(answer.output());
        System.out.flush();
        System.err.print(answer.error());
        return answer.exit();
    }

    /** {@code halvs status}. */
    @Command(name = "status", description = "Who owns what, and why; how the real servers are.")
    static final class Status extends AskingCommand {
        @Option(names = "--json", description = "for programs")
        private boolean json;

        @Override
        Request request() {
            return json ? Request.of("status", "--json") : Request.of("status");
        }
    }

    /** {@code halvs events}. */
    @Command(
            name = "events",
            description = {
                "What happened lately on all nodes, oldest first, with reasons.",
                "Of a node that is not there: what it had told."
            })
    static final class Events extends AskingCommand {
        @Option(names = "--json", description = "for programs, one event a line")
        private boolean json;

        @Option(
                names = {"-n", "--lines"},
                paramLabel = "N",
                description = "at most the latest N (default ${DEFAULT-VALUE})")
        private int lines = 200;

        @Option(
                names = "--since",
                paramLabel = "TIME",
                description = "not earlier than: 10m, 2h or 1d ago, 14:30 today, \"2026-11-21 14:30:00\"")
        private String since = "";

        @Option(
                names = {"-f", "--follow"},
                description = "goes on with what happens, until it is interrupted")
        private boolean follow;

        @Override
        Request request() {
            List<String> arguments = new ArrayList<>(List.of("-n", Integer.toString(lines)));
            if (json) {
                arguments.add("--json");
            }
            if (follow) {
                arguments.add("--follow");
            }
            if (!since.isEmpty()) {
                Instant from = SinceTime.parse(since, ZonedDateTime.now(ZoneId.systemDefault()))
                        .orElseThrow(() -> new IllegalArgumentException(
                                "\"" + since + "\" is no time; write 10m, 2h, 1d, 14:30 or \"2026-11-21 14:30:00\""));
                arguments.addAll(List.of("--since", Long.toString(from.toEpochMilli())));
            }
            return new Request("events", arguments, "");
        }
    }

    /** What {@code halvs standby} and {@code halvs takeover} share. */
    abstract static sealed class Move extends AskingCommand {
        private final String command;

        @Parameters(
                arity = "0..1",
                paramLabel = "all|local|foreign|failback",
                description =
                        "which: all, those that prefer this node, those that prefer another; failback: those that are"
                                + " not where they are preferred (default ${DEFAULT-VALUE})")
        private String scope = "all";

        @Option(names = "--dry-run", description = "only says what would happen")
        private boolean dryRun;

        Move(String command) {
            this.command = command;
        }

        @Override
        Request request() {
            return dryRun ? Request.of(command, scope, "--dry-run") : Request.of(command, scope);
        }
    }

    /** {@code halvs standby}. */
    @Command(
            name = "standby",
            description =
                    "Says what will happen, gives this node's resources to the other node, waits until it has them, says what happened.")
    static final class Standby extends Move {
        Standby() {
            super("standby");
        }
    }

    /** {@code halvs takeover}. */
    @Command(
            name = "takeover",
            description =
                    "Says what will happen, takes the other node's resources to this node, waits until it has them, says what happened.")
    static final class Takeover extends Move {
        Takeover() {
            super("takeover");
        }
    }

    /** {@code halvs reload}. */
    @Command(
            name = "reload",
            description = {
                "Reads all files again. Either everything in them takes effect, or, with an error anywhere, nothing.",
                "What can only change with a restart of the daemon is named. SIGHUP does the same."
            })
    static final class Reload extends AskingCommand {
        @Override
        Request request() {
            return Request.of("reload");
        }
    }

    /** {@code halvs plan}. */
    @Command(name = "plan", description = "What a reload would change: resources, services, servers, settings.")
    static final class Plan extends AskingCommand {
        @Override
        Request request() {
            return Request.of("plan");
        }
    }

    /** {@code halvs sysctl}. */
    @Command(
            name = "sysctl",
            description = {
                "Shows or changes the settings the kernel keeps under net.ipv4.vs, in the running daemon.",
                "A change holds until the daemon ends; what is to stay goes into the section ipvs of halvs.yml."
            })
    static final class Sysctl extends AskingCommand {
        @Parameters(
                arity = "0..*",
                paramLabel = "KEY[=VALUE]",
                description = "net.ipv4.vs.conn_reuse_mode, or just conn_reuse_mode; without any, all are shown")
        private List<String> settings = new ArrayList<>();

        @Override
        Request request() {
            return new Request("sysctl", settings, "");
        }
    }

    /** {@code halvs drain}. */
    @Command(
            name = "drain",
            description = {
                "Gives a real server no new connections, in every service that has it, and waits until that holds.",
                "\"halvs weight SERVER default\" takes it back. Until the daemon ends; the other node is not told."
            })
    static final class Drain extends AskingCommand {
        @Option(names = "--force", description = "also where a service has no other real server that takes connections")
        private boolean force;

        @Parameters(paramLabel = "SERVER[:PORT]", description = "its address, and the port where only that is meant")
        private String server = "";

        @Override
        Request request() {
            return new Request("drain", force ? List.of("--force", server) : List.of(server), "");
        }
    }

    /** {@code halvs weight}. */
    @Command(
            name = "weight",
            description = {
                "Gives a real server another weight, in every service that has it, and waits until that holds.",
                "Until the daemon ends; the other node is not told."
            })
    static final class Weight extends AskingCommand {
        @Option(
                names = "--force",
                description = "0 also where a service has no other real server that takes connections")
        private boolean force;

        @Parameters(
                index = "0",
                paramLabel = "SERVER[:PORT]",
                description = "its address, and the port where only that is meant")
        private String server = "";

        @Parameters(
                index = "1",
                paramLabel = "N|default",
                description = "0 to 65535, or the one of the configuration: takes every order back")
        private String weight = "";

        @Override
        Request request() {
            return new Request("weight", force ? List.of("--force", server, weight) : List.of(server, weight), "");
        }
    }
}
