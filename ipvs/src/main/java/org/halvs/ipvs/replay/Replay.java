package org.halvs.ipvs.replay;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;
import org.halvs.ipvs.ForwardingTable;
import org.halvs.ipvs.admin.NameService;
import org.halvs.ipvs.admin.Outcome;
import org.halvs.ipvs.admin.RuleReader;
import org.halvs.ipvs.capture.CaptureReader;
import org.halvs.ipvs.capture.CaptureWriter;
import org.halvs.ipvs.capture.CapturedFrame;
import org.halvs.ipvs.forward.PacketProcessor;
import org.halvs.ipvs.mark.IptablesReader;
import org.halvs.ipvs.mark.MarkTable;
import org.halvs.linux.IpAddress;

/**
 * {@code halvs replay}: a script, or captures and a table, go in; what the core does with them comes out.
 *
 * <p>The decision log has a line for each frame: the time since the first one in seconds, the interface, the frame in a few words, and after
 * {@code =>} what became of it. Lines that begin with {@code #} tell what was assumed.
 */
public final class Replay {
    /** A file is missing, broken or can't be written. */
    private static final int BAD_INPUT = 2;

    private final Supplier<PacketProcessor> processors;
    private final NameService names;

    /** @param processors makes a fresh processor whose clock stands at 0 for each run */
    public Replay(Supplier<PacketProcessor> processors, NameService names) {
        this.processors = processors;
        this.names = names;
    }

    /**
     * Does what the options ask for.
     *
     * @param in read when a script is to come from standard input
     * @param out gets the output of the script or the decision log
     * @param err gets messages about files that are missing or broken, or can't be written
     * @return exit status: 0, or 2 when something is wrong with a file
     */
    public int run(ReplayOptions options, InputStream in, PrintStream out, PrintStream err) {
        try {
            return switch (options) {
                case ReplayOptions.Script script -> script(script, in, out, err);
                case ReplayOptions.Captures captures -> captures(captures, out, err);
            };
        } catch (IOException e) {
            err.println("halvs replay: " + e.getMessage());
            return BAD_INPUT;
        }
    }

    private int script(ReplayOptions.Script options, InputStream in, PrintStream out, PrintStream err)
            throws IOException {
        String text = options.file().isPresent()
                ? readText(options.file().get())
                : new String(in.readAllBytes(), StandardCharsets.UTF_8);
        String name = options.file().map(Path::toString).orElse("-");
        ReplayDirector director = new ReplayDirector(processors.get(), new ReplayNetwork());
        Outcome outcome = new ScriptRunner(director, names, options.echo()).run(name, text);
        out.print(outcome.stdout());
        err.print(outcome.stderr());
        return outcome.exitStatus();
    }

    private int captures(ReplayOptions.Captures options, PrintStream out, PrintStream err) throws IOException {
        ForwardingTable table = table(options.rules());
        List<CapturedFrame> frames = new ArrayList<>();
        for (ReplayOptions.Input input : options.inputs()) {
            frames.addAll(read(input));
        }
        frames.sort(Comparator.comparingLong(CapturedFrame::timeNanos)); // stable: equal times keep their order
        boolean inferred = options.network().isEmpty();
        ReplayNetwork network = inferred ? InferredNetwork.of(table, frames) : new ReplayNetwork();
        ReplayDirector director = new ReplayDirector(processors.get(), network);
        if (inferred) {
            out.println("# the network as the captures show it; describe it with --network where this is wrong");
            network.lines().forEach(line -> out.println("# " + line));
        } else {
            Path file = options.network().get();
            Outcome outcome = new ScriptRunner(director, names, false).run(file.toString(), readText(file));
            if (outcome.exitStatus() != 0) {
                err.print(outcome.stderr());
                return outcome.exitStatus();
            }
        }
        director.apply(table);
        MarkTable marks = options.marks().isPresent() ? marks(options.marks().get(), network) : MarkTable.EMPTY;
        List<CapturedFrame> sent = new CaptureRun(director, marks, out).run(frames);
        if (options.output().isPresent()) {
            Path file = options.output().get();
            boolean pcapng = file.toString().endsWith(".pcapng");
            try {
                Files.write(file, pcapng ? CaptureWriter.pcapng(sent) : CaptureWriter.pcap(sent));
            } catch (IOException e) {
                throw FileTrouble.writing(file, e);
            }
        }
        return 0;
    }

    private ForwardingTable table(ReplayOptions.Rules rules) throws IOException {
        return switch (rules) {
            case ReplayOptions.Rules.Table(ForwardingTable table) -> table;
            case ReplayOptions.Rules.File(Path file) -> {
                RuleReader.Rules read = RuleReader.read(readText(file), names);
                if (!read.problems().isEmpty()) {
                    throw new IOException(file + ":" + String.join("\n" + file + ":", read.problems()));
                }
                yield read.table();
            }
        };
    }

    /** The IPv4 rules of a file; the problems of a line it can't follow make the file useless. */
    private MarkTable marks(Path file, ReplayNetwork network) throws IOException {
        IptablesReader.Marks read = IptablesReader.read(readText(file), IpAddress.Family.IPV4, names);
        if (!read.problems().isEmpty()) {
            throw new IOException(file + ":" + String.join("\n" + file + ":", read.problems()));
        }
        return new MarkTable(read.rules(), network::interfaceSet);
    }

    private static List<CapturedFrame> read(ReplayOptions.Input input) throws IOException {
        Path file = input.file();
        String fileName = Optional.ofNullable(file.getFileName()).orElse(file).toString();
        int dot = fileName.indexOf('.');
        String fallback = input.interfaceName().orElse(dot > 0 ? fileName.substring(0, dot) : fileName);
        try {
            return CaptureReader.read(Files.readAllBytes(file)).stream()
                    .map(frame -> frame.interfaceName().isEmpty()
                            ? new CapturedFrame(frame.timeNanos(), fallback, frame.bytes(), frame.originalLength())
                            : frame)
                    .toList();
        } catch (IOException e) {
            throw FileTrouble.reading(file, e);
        }
    }

    private static String readText(Path file) throws IOException {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw FileTrouble.reading(file, e);
        }
    }

    /** One pass over the frames of all captures. */
    private static final class CaptureRun {
        private final ReplayDirector director;
        private final MarkTable marks;
        private final PrintStream log;
        private final List<CapturedFrame> sent = new ArrayList<>();

        CaptureRun(ReplayDirector director, MarkTable marks, PrintStream log) {
            this.director = director;
            this.marks = marks;
            this.log = log;
        }

        List<CapturedFrame> run(List<CapturedFrame> frames) {
            long start = frames.isEmpty() ? 0 : frames.getFirst().timeNanos();
            for (CapturedFrame frame : frames) {
                long since = frame.timeNanos() - start;
                collect(director.advance(since - director.nowNanos()), frame);
                replay(frame, since);
            }
            return sent;
        }

        private void replay(CapturedFrame frame, long sinceNanos) {
            String name = frame.interfaceName();
            String what;
            if (frame.bytes().length() < 14 || frame.bytes().length() > ReplayDirector.MAX_FRAME) {
                what = "skipped: " + frame.bytes().length() + " bytes are no frame";
            } else if (!director.network().hasInterface(name)) {
                what = "skipped: the director has no interface " + name;
            } else if (director.network().isOwn(name, InferredNetwork.mac(frame, 6))) {
                what = "skipped: the director sent it";
            } else {
                List<Answer> answers = director.frame(name, frame.bytes(), mark(frame));
                collect(answers, frame);
                what = brief(answers);
            }
            log.println(seconds(sinceNanos) + " " + name + " " + FrameBrief.of(frame.bytes()) + " => " + what);
        }

        private long mark(CapturedFrame frame) {
            MemorySegment bytes = MemorySegment.ofArray(frame.bytes().toArray());
            int index = director.network().index(frame.interfaceName());
            return marks.mark(bytes, 0, frame.bytes().length(), index);
        }

        private void collect(List<Answer> answers, CapturedFrame cause) {
            for (Answer answer : answers) {
                if (answer instanceof Answer.Sent out) {
                    sent.add(new CapturedFrame(cause.timeNanos(), out.interfaceName(), out.bytes()));
                }
            }
        }

        private static String brief(List<Answer> answers) {
            List<String> parts = answers.stream()
                    .map(answer -> answer instanceof Answer.Sent out
                            ? out.interfaceName() + " " + FrameBrief.of(out.bytes())
                            : answer.toString())
                    .toList();
            return parts.isEmpty() ? "held" : String.join("; ", parts);
        }

        private static String seconds(long nanos) {
            return String.format(Locale.ROOT, "%d.%06d", nanos / 1_000_000_000L, nanos % 1_000_000_000L / 1_000);
        }
    }
}
