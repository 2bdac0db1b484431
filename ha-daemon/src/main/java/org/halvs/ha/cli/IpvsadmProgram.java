package org.halvs.ha.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import org.halvs.ipvs.admin.Ipvsadm;
import org.halvs.ipvs.admin.NameService;
import org.halvs.ipvs.admin.Outcome;
import org.halvs.ipvs.admin.RulesFileBackend;
import org.halvs.ipvs.admin.SystemNameService;

/**
 * {@code ipvsadm}: on the table of the daemon, or, with {@code --file RULES} before its own arguments or that file's name in the environment, on
 * a file of rules as {@code ipvsadm -S} writes them.
 */
final class IpvsadmProgram {
    private static final String FILE_OPTION = "--file";
    private static final String FILE_VARIABLE = "HALVS_RULES";
    private static final int BAD_FILE = 2;

    private IpvsadmProgram() {}

    static int run(List<String> arguments) {
        if (!arguments.isEmpty() && arguments.getFirst().equals(FILE_OPTION)) {
            return arguments.size() < 2
                    ? usage()
                    : onFile(Path.of(arguments.get(1)), arguments.subList(2, arguments.size()));
        }
        String file = System.getenv(FILE_VARIABLE);
        return file == null || file.isEmpty() ? onDaemon(arguments) : onFile(Path.of(file), arguments);
    }

    private static int usage() {
        System.err.println("ipvsadm: " + FILE_OPTION + " needs the name of a file of rules");
        return BAD_FILE;
    }

    /** Where no daemon answers it says what the original says without its kernel module. */
    private static int onDaemon(List<String> arguments) {
        return new AskedProgram("ipvsadm", "Can't initialize ipvs: Protocol not available\n", 255).run(arguments);
    }

    /** A file that is not there yet is empty. */
    private static int onFile(Path file, List<String> arguments) {
        NameService names = new SystemNameService();
        try {
            Outcome outcome = new Ipvsadm(names)
                    .run(arguments, AskedProgram.input(arguments), RulesFileBackend.open(file, names));
            System.out.print(outcome.stdout());
            System.out.flush();
            System.err.print(outcome.stderr());
            return outcome.exitStatus();
        } catch (IOException | UncheckedIOException e) {
            System.err.println(e.getMessage());
        }
        return BAD_FILE;
    }
}
