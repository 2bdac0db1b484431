package org.halvs.director.kernel;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.apache.commons.exec.CommandLine;
import org.apache.commons.exec.DefaultExecutor;
import org.apache.commons.exec.ExecuteWatchdog;
import org.apache.commons.exec.PumpStreamHandler;

/** The installed ipvsadm, as a process without a shell. Thread-safe. */
public final class ExecIpvsadm implements IpvsadmProgram {
    /** Long enough for a restore of thousands of lines on a busy machine. */
    private static final Duration TIME_LIMIT = Duration.ofSeconds(30);

    private final Path program;
    private final Duration timeLimit;

    public ExecIpvsadm(Path program) {
        this(program, TIME_LIMIT);
    }

    /**
     * A program that is killed when a run takes longer than {@code timeLimit}.
     *
     * @param timeLimit positive
     */
    public ExecIpvsadm(Path program, Duration timeLimit) {
        this.program = program;
        this.timeLimit = timeLimit;
    }

    /**
     * {@code /sbin/ipvsadm} or {@code /usr/sbin/ipvsadm}, in ldirectord's order; empty when neither can be executed, or is the one of this
     * package, which asks our own daemon and never the kernel.
     */
    public static Optional<ExecIpvsadm> installed() {
        return List.of(Path.of("/sbin/ipvsadm"), Path.of("/usr/sbin/ipvsadm")).stream()
                .filter(path -> Files.isExecutable(path) && !isOurs(path))
                .findFirst()
                .map(ExecIpvsadm::new);
    }

    private static boolean isOurs(Path path) {
        try {
            return path.toRealPath().endsWith("halvs");
        } catch (IOException _) {
            return false;
        }
    }

    @Override
    public String path() {
        return program.toString();
    }

    @Override
    public Answer run(List<String> arguments, String input) {
        CommandLine command = new CommandLine(program);
        arguments.forEach(argument -> command.addArgument(argument, false));
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        ByteArrayOutputStream errors = new ByteArrayOutputStream();
        ByteArrayInputStream stdin = new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8));
        ExecuteWatchdog watchdog =
                ExecuteWatchdog.builder().setTimeout(timeLimit).get();
        DefaultExecutor executor = DefaultExecutor.builder()
                .setExecuteStreamHandler(new PumpStreamHandler(output, errors, stdin))
                .get();
        executor.setWatchdog(watchdog);
        executor.setExitValues(null);
        try {
            int status = executor.execute(command);
            if (watchdog.killedProcess()) {
                return new NotRun("was killed after " + timeLimit.toSeconds() + " s without an end");
            }
            return new Exited(status, output.toString(StandardCharsets.UTF_8), errors.toString(StandardCharsets.UTF_8));
        } catch (IOException e) {
            return new NotRun(
                    watchdog.killedProcess()
                            ? "was killed after its time limit"
                            : "could not be run: " + e.getMessage());
        }
    }
}
