package org.halvs.ipvs.admin;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.halvs.ipvs.ConnectionPage;
import org.halvs.ipvs.ForwardingTable;
import org.halvs.ipvs.ServiceKey;
import org.halvs.ipvs.Timeouts;

/**
 * The program ipvsadm, version 1.31, over any {@link AdminBackend}.
 *
 * <p>Exit statuses are ipvsadm's: 0 for success, 1 for the listing of a service that is not there, 2 for what ipvsadm itself finds wrong, 255
 * for what libpopt or the kernel refuses.
 */
public final class Ipvsadm {
    private static final int NO_SUCH_SERVICE = 1;
    private static final int REFUSED_BY_KERNEL = 255;

    /** A listing goes out in parts of about so many characters. */
    private static final int PART = 1 << 16;

    private final NameService names;

    public Ipvsadm(NameService names) {
        this.names = names;
    }

    /**
     * Runs one command line.
     *
     * @param arguments the words after {@code ipvsadm}
     * @param stdin read by {@code -R} only
     */
    public Outcome run(List<String> arguments, String stdin, AdminBackend backend) {
        StringBuilder listed = new StringBuilder();
        Outcome outcome = run(arguments, stdin, backend, listed::append);
        return new Outcome(listed + outcome.stdout(), outcome.stderr(), outcome.exitStatus());
    }

    /**
     * As {@link #run(List, String, AdminBackend)}, for whoever can't keep a listing of a million connections in memory.
     *
     * @param parts gets the output of long listings piece by piece; the answer has what is left of it
     */
    public Outcome run(List<String> arguments, String stdin, AdminBackend backend, Consumer<String> parts) {
        return new Run(stdin, backend, parts).run(arguments);
    }

    /** One run with its outputs. */
    private final class Run {
        private final String stdin;
        private final AdminBackend backend;
        private final Consumer<String> parts;
        private final TableEditor editor;
        private final StringBuilder out = new StringBuilder();
        private final StringBuilder err = new StringBuilder();

        Run(String stdin, AdminBackend backend, Consumer<String> parts) {
            this.stdin = stdin;
            this.backend = backend;
            this.parts = parts;
            this.editor = new TableEditor(backend::usableAsServer);
        }

        Outcome run(List<String> arguments) {
            int status = switch (CommandParser.parse(arguments, names)) {
                case ParsedCommand.Refused refused -> complain(refused.message(), refused.exitStatus());
                case ParsedCommand.Accepted(AdminCommand.Restore _) -> restore();
                case ParsedCommand.Accepted(AdminCommand command) -> execute(command);
            };
            return new Outcome(out.toString(), err.toString(), status);
        }

        /** Each line of standard input is a command; the status is that of the last one. */
        private int restore() {
            int status = 0;
            for (String line : stdin.lines().toList()) {
                List<String> words = RuleReader.words(line);
                if (words.isEmpty()) {
                    continue;
                }
                switch (CommandParser.parse(words, names)) {
                    case ParsedCommand.Refused refused -> {
                        status = complain(refused.message(), refused.exitStatus());
                        if (refused.endsRestore()) {
                            return status;
                        }
                    }
                    case ParsedCommand.Accepted(AdminCommand.Restore _) -> {
                        ParsedCommand.Refused again = CommandParser.tryHelp();
                        return complain(again.message(), again.exitStatus());
                    }
                    case ParsedCommand.Accepted(AdminCommand command) -> {
                        status = execute(command);
                        if (command instanceof AdminCommand.Help || command instanceof AdminCommand.Version) {
                            return status;
                        }
                    }
                }
            }
            return status;
        }

        private int execute(AdminCommand command) {
            return switch (command) {
                case AdminCommand.TableCommand change -> change(change);
                case AdminCommand.Show(ListOptions options) -> show(options);
                case AdminCommand.Save(boolean numeric) -> print(RuleWriter.save(backend.table(), names, numeric));
                case AdminCommand.Restore _ -> throw new AssertionError("restore is executed by its caller");
                case AdminCommand.Zero(Optional<ServiceKey> key) -> zero(command, key);
                case AdminCommand.SetTimeouts wanted -> setTimeouts(wanted);
                case AdminCommand.StartDaemon(SyncDaemon daemon) -> answer(command, backend.startSyncDaemon(daemon));
                case AdminCommand.StopDaemon(SyncDaemon.Role role) -> answer(command, backend.stopSyncDaemon(role));
                case AdminCommand.Help _ -> print(HelpText.version() + HelpText.usage());
                case AdminCommand.Version _ -> print(HelpText.version());
            };
        }

        private int change(AdminCommand.TableCommand command) {
            AtomicReference<Optional<KernelError>> refusal = new AtomicReference<>(Optional.empty());
            backend.edit(table -> switch (editor.edit(table, command)) {
                case TableEditor.Edited.Done(ForwardingTable changed) -> {
                    refusal.set(Optional.empty());
                    yield changed;
                }
                case TableEditor.Edited.Refused(KernelError error) -> {
                    refusal.set(Optional.of(error));
                    yield table;
                }
            });
            return answer(command, refusal.get());
        }

        private int show(ListOptions options) {
            return switch (options.subject()) {
                case CONNECTIONS -> connections(options);
                case TIMEOUTS -> print(timeoutLine(backend.timeouts()));
                case DAEMONS -> print(daemonLines());
                case TABLE ->
                    options.service().isEmpty()
                            ? print(TableListing.all(
                                    backend.table(), backend.stats(), options, names, backend.connectionTableSize()))
                            : showOne(options, options.service().get());
            };
        }

        private int connections(ListOptions options) {
            print(ConnectionListing.title(options));
            int next = 0;
            do {
                ConnectionPage page = backend.connections(next);
                print(ConnectionListing.lines(page.entries(), options, names));
                if (out.length() > PART) {
                    parts.accept(out.toString());
                    out.setLength(0);
                }
                next = page.next();
            } while (next != ConnectionPage.END);
            return 0;
        }

        private int showOne(ListOptions options, ServiceKey key) {
            Optional<ForwardingTable.Entry> entry = backend.table().entry(key);
            return entry.isEmpty()
                    ? complain(KernelError.ESRCH.message(new AdminCommand.Show(options)), NO_SUCH_SERVICE)
                    : print(TableListing.one(entry.get(), backend.stats(), options, names));
        }

        private static String timeoutLine(Timeouts timeouts) {
            return "Timeout (tcp tcpfin udp): " + timeouts.tcpSeconds() + " " + timeouts.tcpFinSeconds() + " "
                    + timeouts.udpSeconds() + "\n";
        }

        private String daemonLines() {
            StringBuilder lines = new StringBuilder();
            backend.syncDaemons().forEach(daemon -> lines.append(daemon).append('\n'));
            return lines.toString();
        }

        private int zero(AdminCommand command, Optional<ServiceKey> key) {
            if (key.isPresent() && backend.table().entry(key.get()).isEmpty()) {
                return answer(command, Optional.of(KernelError.ESRCH));
            }
            backend.zero(key);
            return 0;
        }

        private int setTimeouts(AdminCommand.SetTimeouts wanted) {
            Timeouts now = backend.timeouts();
            backend.changeTimeouts(new Timeouts(
                    wanted.tcpSeconds() == 0 ? now.tcpSeconds() : wanted.tcpSeconds(),
                    wanted.tcpFinSeconds() == 0 ? now.tcpFinSeconds() : wanted.tcpFinSeconds(),
                    wanted.udpSeconds() == 0 ? now.udpSeconds() : wanted.udpSeconds()));
            return 0;
        }

        private int answer(AdminCommand command, Optional<KernelError> error) {
            return error.isEmpty() ? 0 : complain(error.get().message(command), REFUSED_BY_KERNEL);
        }

        private int print(String text) {
            out.append(text);
            return 0;
        }

        private int complain(String message, int status) {
            err.append(message).append('\n');
            return status;
        }
    }
}
