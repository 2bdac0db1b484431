package org.halvs.ha.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import org.halvs.dialect.ConfigProblem;
import org.halvs.dialect.Parsed;
import org.halvs.ha.arbitration.ArbitrationConfiguration;
import org.halvs.ha.config.ClusterConfig;
import org.halvs.ha.config.ClusterFiles;
import org.halvs.ha.config.DirectorFile;
import org.halvs.ha.config.HalvsYml;
import org.halvs.ha.config.HostFacts;
import org.halvs.ha.config.LinuxHostFacts;
import org.halvs.resource.ResourceGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code halvs check}: what is wrong with the files, without changing anything. */
@Command(
        name = "check",
        description = {
            "Reads configuration files and says what is wrong with them.",
            "Without FILE: everything this node would read. Exit status 0 when it could take effect, else 1."
        })
final class CheckCommand implements Callable<Integer> {
    @Mixin
    private final Directories directories = new Directories();

    @Parameters(
            paramLabel = "FILE",
            description = "ha.cf, authkeys, haresources, ldirectord.cf or lvs.cf, under any name; halvs.yml, or *.yml")
    private List<Path> files = new ArrayList<>();

    @Override
    public Integer call() throws IOException {
        boolean good = true;
        for (Path file : files.isEmpty() ? filesOfNode() : files) {
            good &= report(file, check(file));
        }
        return good ? 0 : 1;
    }

    /** ha.cf, authkeys, haresources, halvs.yml where there is one, and every ldirectord file that haresources names. */
    private List<Path> filesOfNode() {
        Path etc = directories.etc();
        Set<Path> all = new LinkedHashSet<>();
        for (String name : List.of("ha.cf", "authkeys", "haresources")) {
            all.add(etc.resolve(name));
        }
        if (Files.exists(etc.resolve(HalvsYml.FILE))) {
            all.add(etc.resolve(HalvsYml.FILE));
        }
        ClusterFiles.haresources(etc.resolve("haresources"), List.of()).value().stream()
                .flatMap(List::stream)
                .map(ResourceGroup::resources)
                .flatMap(List::stream)
                .filter(DirectorFile::isDirector)
                .forEach(spec -> all.add(DirectorFile.path(etc, spec)));
        return List.copyOf(all);
    }

    private List<ConfigProblem> check(Path file) throws IOException {
        if (!Files.isReadable(file)) {
            String message = Files.exists(file) ? "can't be read" : "is missing";
            return List.of(ConfigProblem.error(file.toString(), 0, "", message, ""));
        }
        String text = Files.readString(file, StandardCharsets.ISO_8859_1);
        List<ConfigProblem> problems = problems(file, text);
        if (problems.stream().noneMatch(ConfigProblem::isError)) {
            return problems;
        }
        List<ConfigProblem> explained = new ArrayList<>();
        ForeignFile.recognise(text)
                .ifPresent(what -> explained.add(ConfigProblem.error(file.toString(), 0, "", what, "")));
        explained.addAll(problems);
        return explained;
    }

    private List<ConfigProblem> problems(Path file, String text) {
        boolean ownNode = files.isEmpty();
        HalvsYml own = HalvsYml.read(directories.etc()).value().orElse(HalvsYml.DEFAULT);
        return switch (FileKind.of(file, text)) {
            case HA_CF ->
                ClusterFiles.haCf(file, ownNode ? new LinuxHostFacts() : HostFacts.unknown())
                        .problems();
            case AUTHKEYS -> ClusterFiles.authkeys(file).problems();
            case HARESOURCES ->
                ClusterFiles.haresources(file, nodesBeside(file)).problems();
            case LDIRECTORD_CF -> {
                List<ConfigProblem> all = DirectorFile.read(file, own).problems();
                yield ownNode ? all : all.stream().map(CheckCommand::lessHere).toList();
            }
            case LVS_CF -> DirectorFile.readLvs(file).problems();
            case HALVS_YML -> halvsYml(file);
        };
    }

    /** The file, and how it fits the ha.cf in the same directory where there is a good one. */
    private static List<ConfigProblem> halvsYml(Path file) {
        Parsed<HalvsYml> read = HalvsYml.readFile(file);
        List<ConfigProblem> all = new ArrayList<>(read.problems());
        Optional<ClusterConfig> config = ClusterFiles.haCf(file.resolveSibling("ha.cf"), HostFacts.unknown())
                .value();
        if (read.value().isPresent() && config.isPresent()) {
            Path directory = Optional.ofNullable(file.getParent()).orElse(Path.of(""));
            all.addAll(new ArbitrationConfiguration(
                            config.get(), read.value().get().arbitration(), "")
                    .problems(directory));
        }
        return all;
    }

    /** A file that is named may be meant for another machine, where the directories it writes to may well be. */
    private static ConfigProblem lessHere(ConfigProblem problem) {
        boolean ofThisMachine =
                problem.directive().equals("logfile") || problem.directive().equals("monitorfile");
        return problem.isError() && ofThisMachine
                ? ConfigProblem.warning(
                        problem.file(),
                        problem.line(),
                        problem.directive(),
                        problem.message(),
                        (problem.remedy().isEmpty() ? "" : problem.remedy() + "; ")
                                + "where this file is served it must be possible to write there")
                : problem;
    }

    /** The nodes of the ha.cf in the same directory; none when there is no good one, and then any node will do. */
    private static List<String> nodesBeside(Path haresources) {
        Path haCf = haresources.resolveSibling("ha.cf");
        Parsed<ClusterConfig> parsed = ClusterFiles.haCf(haCf, HostFacts.unknown());
        return parsed.value().map(ClusterConfig::nodes).orElse(List.of());
    }

    private static boolean report(Path file, List<ConfigProblem> problems) {
        problems.forEach(System.out::println);
        boolean good = problems.stream().noneMatch(ConfigProblem::isError);
        if (good) {
            System.out.println(file + ": ok");
        }
        return good;
    }
}
