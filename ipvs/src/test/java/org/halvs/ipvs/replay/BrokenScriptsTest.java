package org.halvs.ipvs.replay;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.Stream;
import org.halvs.ipvs.admin.MemoryNameService;
import org.halvs.ipvs.capture.FrameBytes;
import org.halvs.ipvs.forward.FrameMutator;
import org.halvs.ipvs.forward.IpvsProcessor;
import org.halvs.ipvs.forward.PacketProcessor;
import org.halvs.ipvs.forward.Setting;
import org.junit.jupiter.api.Test;

/**
 * Everything scripts know to do, in the wrong order: frames of recorded scripts, whole and broken, while commands and settings of other scripts come in
 * between. Nothing of it is an exception, and figures add up. {@code FuzzTest} looks at the memory around frames. The system property
 * {@code halvs.fuzz.frames} asks for more than the quick run.
 */
class BrokenScriptsTest {
    private static final int FRAMES = Integer.getInteger("halvs.fuzz.frames", 20_000);
    private static final Path SCRIPTS = Path.of("src/test/resources/org/halvs/ipvs");

    private final RandomGenerator random =
            RandomGeneratorFactory.of("L64X128MixRandom").create(2027);
    private final FrameMutator mutator = new FrameMutator(random);
    private final List<List<ScriptReader.Line>> scripts = scripts();
    private final List<ScriptReader.Line> commands = scripts.stream()
            .flatMap(List::stream)
            .filter(line -> line.command() instanceof ScriptCommand.Ipvsadm)
            .toList();

    private static List<List<ScriptReader.Line>> scripts() {
        try (Stream<Path> files = Files.walk(SCRIPTS)) {
            List<List<ScriptReader.Line>> scripts = new ArrayList<>();
            for (Path file : files.filter(BrokenScriptsTest::isScript).sorted().toList()) {
                ScriptReader.Script script = ScriptReader.read(file.toString(), withoutAnswers(Files.readString(file)));
                assertThat(script.problems()).isEmpty();
                scripts.add(script.lines());
            }
            return scripts;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean isScript(Path file) {
        return file.toString().endsWith(".script")
                || String.valueOf(file.getParent()).endsWith("kernel");
    }

    private static String withoutAnswers(String transcript) {
        return String.join(
                "\n",
                transcript
                        .lines()
                        .map(line -> KernelTranscript.isAnswer(line) ? "" : line)
                        .toList());
    }

    @Test
    void nothingBreaksWhateverComesInWhateverOrder() {
        int frames = 0;
        while (frames < FRAMES) {
            frames += new Evening(scripts.get(random.nextInt(scripts.size()))).play();
        }
    }

    /** One script with a director of its own. */
    private final class Evening {
        private final List<ScriptReader.Line> script;
        private final PacketProcessor processor = new IpvsProcessor(IpvsProcessor.Options.DEFAULT, 0);
        private final ReplayDirector director = new ReplayDirector(processor, new ReplayNetwork());
        private final ScriptRunner runner = new ScriptRunner(director, new MemoryNameService(""), false);
        private final List<String> log = new ArrayList<>();
        private int frames;
        private long dropped;

        Evening(List<ScriptReader.Line> script) {
            this.script = script;
        }

        /** Answers how many frames it was. */
        int play() {
            try {
                for (ScriptReader.Line line : script) {
                    play(line);
                }
                check();
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError(String.join("\n", log), e);
            }
            return frames;
        }

        private void play(ScriptReader.Line line) {
            switch (line.command()) {
                case ScriptCommand.Frame frame -> {
                    for (int i = random.nextInt(8); i > 0; i--) {
                        arrive(
                                frame,
                                FrameBytes.of(mutator.mutated(frame.bytes().toArray())));
                    }
                    if (random.nextInt(20) > 0) {
                        arrive(frame, frame.bytes());
                    }
                    if (random.nextInt(40) == 0) {
                        run(commands.get(random.nextInt(commands.size())).text());
                    }
                    if (random.nextInt(40) == 0) {
                        change(Setting.values()[random.nextInt(Setting.values().length)], random.nextInt(5));
                    }
                    if (random.nextInt(10) == 0) {
                        run("advance " + random.nextInt(4_000) + "ms");
                    }
                }
                case ScriptCommand.Advance _ -> run("advance " + (1 + random.nextInt(100)) + "s");
                default -> run(line.text());
            }
        }

        private void arrive(ScriptCommand.Frame frame, FrameBytes bytes) {
            log.add("frame " + frame.interfaceName() + " " + bytes + " mark " + frame.mark());
            dropped += director.frame(frame.interfaceName(), bytes, frame.mark()).stream()
                    .filter(Answer.Dropped.class::isInstance)
                    .count();
            frames++;
        }

        private void run(String text) {
            log.add(text);
            runner.run("line", text);
        }

        private void change(Setting setting, int value) {
            log.add("sysctl net.ipv4.vs." + setting.word() + "=" + value);
            director.setting("net.ipv4.vs." + setting.word(), Integer.toString(value));
        }

        private void check() {
            long counted = processor.stats().services().stream()
                    .flatMap(service -> service.servers().stream())
                    .mapToLong(server -> server.active() + server.inactive() + server.persistent())
                    .sum();
            assertThat(counted).isLessThanOrEqualTo(director.connections().size());
            assertThat(processor.stats().drops().stream()
                            .mapToLong(each -> each.packets())
                            .sum())
                    .isEqualTo(dropped);
        }
    }
}
