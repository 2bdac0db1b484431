package org.halvs.ipvs.replay;

import java.util.List;
import java.util.Optional;
import org.halvs.ipvs.admin.Ipvsadm;
import org.halvs.ipvs.admin.NameService;
import org.halvs.ipvs.admin.Outcome;
import org.halvs.linux.IpAddress;

/** Executes scripts on a {@link ReplayDirector}. */
public final class ScriptRunner {
    /** The script can't be read. */
    static final int BAD_SCRIPT = 2;

    private final ReplayDirector director;
    private final Ipvsadm ipvsadm;
    private final boolean echo;
    private final StringBuilder out = new StringBuilder();

    /** @param echo whether each line of the script is printed before what it leads to */
    public ScriptRunner(ReplayDirector director, NameService names, boolean echo) {
        this.director = director;
        this.ipvsadm = new Ipvsadm(names);
        this.echo = echo;
    }

    /**
     * Reads the whole script and, when nothing in it is wrong, executes it line by line.
     *
     * @param name of the script, for messages
     * @return exit status 0, or 2 with a message for each bad line; a line that can't be executed (an interface that is not there) ends the
     *     script with 2 after the output of the lines before it
     */
    public Outcome run(String name, String text) {
        ScriptReader.Script script = ScriptReader.read(name, text);
        if (!script.problems().isEmpty()) {
            return new Outcome("", String.join("\n", script.problems()) + "\n", BAD_SCRIPT);
        }
        for (ScriptReader.Line line : script.lines()) {
            if (echo) {
                print("", line.text());
            }
            Optional<String> problem = execute(line.command());
            if (problem.isPresent()) {
                return new Outcome(
                        out.toString(), name + ":" + line.number() + ": " + problem.get() + "\n", BAD_SCRIPT);
            }
        }
        return new Outcome(out.toString(), "", 0);
    }

    private Optional<String> execute(ScriptCommand command) {
        ReplayNetwork network = director.network();
        return switch (command) {
            case ScriptCommand.Interface added -> {
                network.putInterface(added.name(), added.mac(), added.addresses());
                yield networkChange(true, "");
            }
            case ScriptCommand.Mtu(String name, int bytes) ->
                networkChange(network.putMtu(name, bytes), noInterface(name));
            case ScriptCommand.RouteVia(IpAddress destination, int length, IpAddress gateway) ->
                networkChange(
                        network.putRoute(destination, length, gateway),
                        "no interface has " + gateway + " in its network");
            case ScriptCommand.RouteDevice(IpAddress destination, int length, String name) ->
                networkChange(network.putRoute(destination, length, name), noInterface(name));
            case ScriptCommand.Neighbour known ->
                networkChange(
                        network.putNeighbour(known.interfaceName(), known.address(), known.mac()),
                        noInterface(known.interfaceName()));
            case ScriptCommand.Ipvsadm(List<String> arguments) -> {
                Outcome outcome = ipvsadm.run(arguments, "", director);
                (outcome.stdout() + outcome.stderr()).lines().forEach(line -> print("| ", line));
                if (outcome.exitStatus() != 0) {
                    print("| ", "exit " + outcome.exitStatus());
                }
                yield Optional.empty();
            }
            case ScriptCommand.Sysctl(String key, String value) ->
                director.setting(key, value)
                        ? Optional.empty()
                        : Optional.of("the kernel has no setting " + key + " or refuses the value " + value);
            case ScriptCommand.Advance(long nanos) -> {
                print(director.advance(nanos));
                yield Optional.empty();
            }
            case ScriptCommand.Frame frame -> {
                if (!network.hasInterface(frame.interfaceName())) {
                    yield Optional.of(noInterface(frame.interfaceName()));
                }
                print(director.frame(frame.interfaceName(), frame.bytes(), frame.mark()));
                yield Optional.empty();
            }
        };
    }

    private Optional<String> networkChange(boolean done, String otherwise) {
        if (!done) {
            return Optional.of(otherwise);
        }
        director.networkChanged();
        return Optional.empty();
    }

    private static String noInterface(String name) {
        return "there is no interface " + name + "; name it with an \"interface\" line before";
    }

    private void print(List<Answer> answers) {
        answers.forEach(answer -> print("> ", answer.toString()));
    }

    private void print(String prefix, String line) {
        out.append(prefix).append(line).append('\n');
    }
}
