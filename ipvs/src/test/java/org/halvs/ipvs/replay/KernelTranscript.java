package org.halvs.ipvs.replay;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.halvs.ipvs.admin.MemoryNameService;
import org.halvs.ipvs.admin.Outcome;
import org.halvs.ipvs.capture.FrameBytes;
import org.halvs.ipvs.forward.IpvsProcessor;

/**
 * A script for {@code halvs replay} with what a Linux kernel answered to each of its lines, as {@code bench/kernel/run} writes it:
 *
 * <pre>
 * &gt; e1 HEX       a frame left
 * &gt; local        the director's own stack has got the frame
 * &gt; routed e0 HEX  no virtual service was concerned, the frame was routed
 * &gt; drop         nothing came of it
 * # stack e0 HEX  what the director's own stack answered
 * | TEXT          what ipvsadm printed
 * </pre>
 *
 * What the core does is compared line by line. Left out of account are the free fields of frames, the order in which frames leave by different
 * interfaces, the order of connections in a listing, and how late the kernel's timers are: it counts them in units that grow with their length.
 */
final class KernelTranscript {
    /** How much later a timer may end in the kernel, which may have been set anew behind one that was late itself. */
    private static final int LATE_SECONDS = 4;

    private static final Pattern CONNECTION = Pattern.compile("\\| (\\S+ +)([0-9]+):([0-9]{2})( .*)");

    /** What a step did not do as the kernel does it. */
    record Difference(int line, String about, String step, List<String> kernel, List<String> core) {
        @Override
        public String toString() {
            return "line " + line + ": " + about + "\n  " + briefly(step) + "\n  kernel:\n" + lines(kernel)
                    + "  core:\n" + lines(core);
        }

        private static String lines(List<String> answers) {
            StringBuilder text = new StringBuilder();
            answers.forEach(
                    answer -> text.append("    ").append(briefly(answer)).append('\n'));
            return text.toString();
        }
    }

    private final ReplayDirector director =
            new ReplayDirector(new IpvsProcessor(IpvsProcessor.Options.DEFAULT, 0), new ReplayNetwork());
    private final Set<String> own = new HashSet<>();
    private final List<Difference> differences = new ArrayList<>();

    private KernelTranscript() {}

    /** Prints how the core differs from transcripts; the arguments are their files. */
    public static void main(String[] files) throws IOException {
        int different = 0;
        for (String file : files) {
            List<Difference> found = differences(Files.readString(Path.of(file)));
            different += found.size();
            System.out.println(file + ": " + (found.isEmpty() ? "agrees" : found.size() + " differences"));
            found.forEach(System.out::println);
        }
        System.exit(different == 0 ? 0 : 1);
    }

    /** Executes the script of a transcript and tells where the core decides otherwise than the kernel. */
    static List<Difference> differences(String transcript) {
        KernelTranscript run = new KernelTranscript();
        List<String> lines = transcript.lines().toList();
        String about = "";
        int i = 0;
        while (i < lines.size()) {
            int number = i + 1;
            String step = lines.get(i++);
            List<String> answers = new ArrayList<>();
            while (i < lines.size() && isAnswer(lines.get(i))) {
                answers.add(lines.get(i++));
            }
            if (step.startsWith("#") || step.isBlank()) {
                about = step;
            } else {
                run.step(number, about, step, answers);
            }
        }
        return run.differences;
    }

    /** Whether a line of a script with answers is one of them. */
    static boolean isAnswer(String line) {
        return line.startsWith("> ") || line.startsWith("| ") || line.equals("|") || line.startsWith("# stack ");
    }

    private void step(int number, String about, String step, List<String> kernel) {
        Outcome outcome = new ScriptRunner(director, new MemoryNameService(""), false).run("line " + number, step);
        List<String> core = Stream.concat(
                        outcome.stdout().lines(), outcome.stderr().lines())
                .toList();
        if (step.startsWith("interface ")) {
            Stream.of(step.split(" ")[3].split(","))
                    .map(address -> address.substring(0, address.indexOf('/')))
                    .forEach(own::add);
        }
        boolean agrees = step.startsWith("ipvsadm") ? sameListing(kernel, core) : sameFrames(kernel, core, step);
        if (!agrees) {
            differences.add(new Difference(number, about, step, kernel, core));
        }
    }

    private boolean sameFrames(List<String> kernel, List<String> core, String step) {
        boolean time = step.startsWith("advance"); // the kernel goes on asking for a next hop meanwhile
        List<String> coreFrames = frames(core, "> ");
        List<String> kernelFrames = frames(kernel, "> ");
        if (!time && !unresolved(kernel).equals(unresolved(core))) {
            return false;
        }
        if (kernel.contains("> local")) {
            List<String> stack = frames(kernel, "# stack ");
            return core.contains("> local")
                    ? stack.containsAll(coreFrames)
                    : !coreFrames.isEmpty() && stack.equals(coreFrames);
        }
        List<String> routed = frames(kernel, "> routed ");
        if (core.contains("> local") && isRefusedByStack(step)) {
            // before IPVS sees it
            return routed.isEmpty() && kernelFrames.stream().allMatch(KernelTranscript::isParameterProblem);
        }
        if (core.contains("> local")) {
            // what the stack then routes, or drops: what comes from one of its own addresses, or an error without a hop
            // left
            return coreFrames.isEmpty()
                    && kernelFrames.isEmpty()
                    && (!routed.isEmpty() || comesFromDirector(step) || isErrorThatEnds(step));
        }
        return coreFrames.equals(routed.isEmpty() ? kernelFrames : routed);
    }

    /** Whether a frame is an IPv6 packet with hop-by-hop options, which the kernel looks at first of all. */
    private static boolean isRefusedByStack(String step) {
        return step.matches("frame \\S+ .{24}86dd.{12}00.*");
    }

    /** Whether a frame is an ICMP or ICMPv6 error without another hop: a router drops it, and tells nobody. */
    private static boolean isErrorThatEnds(String step) {
        return step.matches("frame \\S+ .{24}(080045.{14}0[01]01.{20}0[3bc]|86dd.{12}3a0[01].{64}0).*");
    }

    /** Whether a frame is ICMPv6 of type 4. */
    private static boolean isParameterProblem(String frame) {
        return frame.matches("\\S+ .{24}86dd.{12}3a.{66}04.*");
    }

    private boolean comesFromDirector(String step) {
        return step.startsWith("frame ")
                && FrameBrief.ends(FrameBytes.ofHex(step.split(" ")[2]))
                        .filter(ends -> own.contains(ends.source().toString()))
                        .isPresent();
    }

    private static List<String> unresolved(List<String> answers) {
        return answers.stream()
                .filter(line -> line.startsWith("> drop no_neighbour"))
                .toList();
    }

    private static List<String> frames(List<String> answers, String prefix) {
        return answers.stream()
                .filter(line -> line.startsWith(prefix + "e"))
                .map(line -> line.substring(prefix.length()).split(" "))
                .map(words -> words[0] + " " + FreeFields.blank(words[1]))
                .sorted(Comparator.comparing(line -> line.substring(0, line.indexOf(' '))))
                .toList();
    }

    private static boolean sameListing(List<String> kernel, List<String> core) {
        List<String> recorded = sorted(kernel.stream()
                .filter(line -> core.contains(line) || !isOverdue(line))
                .toList());
        List<String> printed = sorted(core);
        if (recorded.size() != printed.size()) {
            return false;
        }
        for (int i = 0; i < recorded.size(); i++) {
            if (!sameLine(recorded.get(i), printed.get(i))) {
                return false;
            }
        }
        return true;
    }

    /** Connections in an order that does not depend on their timers, other lines as they are. */
    private static List<String> sorted(List<String> lines) {
        boolean connections = lines.stream().anyMatch(line -> line.equals("| IPVS connection entries"));
        return connections
                ? lines.stream()
                        .sorted(Comparator.comparing(
                                line -> CONNECTION.matcher(line).replaceAll("| $1$4")))
                        .toList()
                : lines;
    }

    private static boolean isOverdue(String line) {
        Matcher connection = CONNECTION.matcher(line);
        return connection.matches() && seconds(connection) == 0;
    }

    private static boolean sameLine(String recorded, String printed) {
        Matcher one = CONNECTION.matcher(recorded);
        Matcher other = CONNECTION.matcher(printed);
        return one.matches() && other.matches()
                ? one.group(1).equals(other.group(1))
                        && one.group(4).equals(other.group(4))
                        && seconds(one) >= seconds(other) - 1
                        && seconds(one) <= seconds(other) + LATE_SECONDS
                : recorded.equals(printed);
    }

    private static int seconds(Matcher connection) {
        return Integer.parseInt(connection.group(2)) * 60 + Integer.parseInt(connection.group(3));
    }

    private static String briefly(String line) {
        String[] words = line.split(" ");
        for (String word : words) {
            if (word.length() >= 28 && word.matches("[0-9a-f]+")) {
                return line + "  (" + FrameBrief.of(FrameBytes.ofHex(word)) + ")";
            }
        }
        return line;
    }
}
