package org.halvs.ha.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.halvs.dialect.Parsed;
import org.halvs.ha.config.HalvsYml;
import org.halvs.ha.runtime.StandaloneControl;
import org.halvs.ldirectord.cli.LdirectordMain;
import org.halvs.ldirectord.cli.SiteSettings;

/** The programs whose names and arguments administrators already know. */
enum OldCommand {
    IPVSADM("ipvsadm") {
        @Override
        int run(List<String> arguments) {
            return IpvsadmProgram.run(arguments);
        }
    },
    /** Runs here: it needs no daemon of ours, and the one it starts is its own. */
    LDIRECTORD("ldirectord") {
        @Override
        int run(List<String> arguments) {
            return LdirectordMain.run(
                    "ldirectord",
                    arguments,
                    OldCommand::site,
                    plane -> StandaloneControl.open(plane, new Directories().run()));
        }
    },
    CL_STATUS("cl_status") {
        @Override
        int run(List<String> arguments) {
            return ClStatusProgram.run(arguments);
        }
    },
    HB_STANDBY("hb_standby") {
        @Override
        int run(List<String> arguments) {
            return MoveProgram.standby(arguments);
        }
    },
    HB_TAKEOVER("hb_takeover") {
        @Override
        int run(List<String> arguments) {
            return MoveProgram.takeover(arguments);
        }
    },
    HB_ADDNODE("hb_addnode") {
        @Override
        int run(List<String> arguments) {
            return MembersProgram.run("hb_addnode", arguments);
        }
    },
    HB_DELNODE("hb_delnode") {
        @Override
        int run(List<String> arguments) {
            return MembersProgram.run("hb_delnode", arguments);
        }
    },
    HEARTBEAT("heartbeat") {
        @Override
        int run(List<String> arguments) {
            return HeartbeatProgram.run(arguments);
        }
    },
    RESOURCE_MANAGER("ResourceManager") {
        @Override
        int run(List<String> arguments) {
            return ResourceManagerProgram.run(arguments);
        }
    };

    private final String word;

    private static Parsed<SiteSettings> site(Path directory) {
        Parsed<HalvsYml> own = HalvsYml.read(directory);
        return new Parsed<>(own.value().map(HalvsYml::standalone), own.problems());
    }

    OldCommand(String word) {
        this.word = word;
    }

    static Optional<OldCommand> named(String word) {
        for (OldCommand command : values()) {
            if (command.word.equals(word)) {
                return Optional.of(command);
            }
        }
        return Optional.empty();
    }

    /** Runs the program with its own arguments and answers its exit status. */
    abstract int run(List<String> arguments);
}
