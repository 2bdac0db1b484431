package org.halvs.ha.config;

import java.util.List;
import org.halvs.dialect.DidYouMean;

/** Reads the lines of ha.cf that name programs, who may speak to the daemon, and what resets a node. */
final class HaCfPrograms {
    /** Programs that come with heartbeat. On a machine where HALVS took its place they are gone, which is no mistake in the file. */
    private static final List<String> HEARTBEATS_OWN = List.of(
            "ipfail",
            "dopd",
            "ifcheckd",
            "pingd",
            "ccm",
            "cib",
            "crmd",
            "mgmtd",
            "stonithd",
            "lrmd",
            "attrd",
            "cl_respawn",
            "hbagent");

    private static final List<String> HEARTBEATS_ACCOUNTS = List.of("hacluster", "haclient");
    /** The device types of cluster-glue's STONITH plug-ins; besides them there is external/ANYTHING. */
    private static final List<String> STONITH_TYPES = List.of(
            "apcmaster",
            "apcmastersnmp",
            "apcsmart",
            "baytech",
            "bladehpi",
            "cyclades",
            "drac3",
            "ibmhmc",
            "ipmilan",
            "meatware",
            "null",
            "nw_rpc100s",
            "rcd_serial",
            "rhcs",
            "rps10",
            "ssh",
            "suicide",
            "vacm",
            "wti_mpc",
            "wti_nps");

    private static final String STONITH_PROGRAM = "/usr/sbin/stonith";

    private static final String APIAUTH_FORM =
            "write apiauth client [uid=uidlist] [gid=gidlist], one or the other must be specified.";

    private HaCfPrograms() {}

    static void respawn(HaCfReader reader, Directive line) {
        List<String> words = line.arguments();
        if (words.size() < 2) {
            reader.error(
                    line,
                    "a user and a command are needed",
                    "write " + line.name() + " user /path/of/command arguments");
            return;
        }
        String user = words.getFirst();
        String command = words.get(1);
        String program = command.substring(command.lastIndexOf('/') + 1);
        if (HEARTBEATS_OWN.contains(program)) {
            String does = program.equals("ipfail")
                    ? "accepted; the program is not started: the daemon does its work whenever there are ping nodes"
                    : "accepted; " + program + " belongs to heartbeat and is not started";
            reader.note(line, does);
            return;
        }
        if (!reader.host().hasUser(user)) {
            reader.error(line, "Invalid uid [" + user + "] specified for client child", "name a user of this machine");
        } else if (!command.startsWith("/")) {
            reader.error(line, "Client child command [" + command + "] is not full pathname", "begin it with /");
        } else if (!reader.host().isExecutable(command)) {
            reader.error(
                    line,
                    "Client child command [" + command + "] is not executable",
                    "install it, or chmod +x " + command);
        } else {
            reader.respawn(new Respawn(
                    user, words.subList(1, words.size()), line.name().equals("failfast"), line.line()));
            reader.note(line, "accepted; HALVS does not start such programs yet");
        }
    }

    static void apiauth(HaCfReader reader, Directive line) {
        List<String> words = line.arguments();
        boolean listed = false;
        for (String word : words.subList(1, words.size())) {
            if (word.startsWith("uid=") || word.startsWith("gid=")) {
                listed = true;
                boolean user = word.startsWith("uid=");
                for (String account : word.substring(4).split(",")) {
                    checkAccount(reader, line, account, user);
                }
            }
        }
        if (!listed) {
            reader.error(line, "Invalid apiauth directive [" + String.join(" ", words) + "]", APIAUTH_FORM);
        }
    }

    private static void checkAccount(HaCfReader reader, Directive line, String account, boolean user) {
        boolean known = HEARTBEATS_ACCOUNTS.contains(account)
                || account.matches("[0-9]+")
                || (user ? reader.host().hasUser(account) : reader.host().hasGroup(account));
        if (!known) {
            String kind = user ? "user" : "group";
            reader.error(
                    line,
                    "Invalid " + kind + " id name [" + account + "], Invalid apiauth directive ["
                            + String.join(" ", line.arguments()) + "]",
                    "name a " + kind + " of this machine; " + APIAUTH_FORM);
        }
    }

    static void stonith(HaCfReader reader, Directive line) {
        int at = line.name().equals("stonith") ? 0 : 1;
        if (line.arguments().size() <= at) {
            reader.error(
                    line, "no STONITH type", "write " + line.name() + (at == 0 ? "" : " host") + " type parameters");
            return;
        }
        String type = line.arguments().get(at);
        if (!type.startsWith("external/") && !STONITH_TYPES.contains(type)) {
            String meant = DidYouMean.among(STONITH_TYPES, type)
                    .map(t -> "did you mean " + t + "?")
                    .orElse("\"stonith -L\" lists the types");
            reader.error(line, "Invalid Stonith type [" + type + "]", meant);
        } else if (!reader.host().isExecutable(STONITH_PROGRAM)) {
            reader.warning(
                    line,
                    STONITH_PROGRAM
                            + " is not on this machine: a silent node can't be reset, and until it is nobody takes"
                            + " what it may have",
                    "install cluster-glue, name another way under fencing in halvs.yml and delete the line, or just delete"
                            + " the line");
        }
    }
}
