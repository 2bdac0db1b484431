package org.halvs.bench.failover;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.halvs.lab.Host;

/** The real heartbeat, in haresources mode. */
final class Heartbeat implements Contender {
    private static final String PROGRAM = "/usr/libexec/heartbeat/heartbeat";
    private static final String STANDBY = "/usr/share/heartbeat/hb_standby";
    private static final String TAKEOVER = "/usr/share/heartbeat/hb_takeover";

    private final Path script;
    private final String keepalive;
    private final String deadtime;

    Heartbeat(Path script, String keepalive, String deadtime) {
        this.script = script;
        this.keepalive = keepalive;
        this.deadtime = deadtime;
    }

    @Override
    public String name() {
        return "heartbeat " + keepalive + "/" + deadtime;
    }

    @Override
    public String missing() {
        return Street.installed(PROGRAM) ? "" : "the package heartbeat (Debian) is not installed";
    }

    @Override
    public boolean can(Event event) {
        return true;
    }

    @Override
    public Running on(Street street, Wish wish) {
        Map<Host, Cell> cells = new LinkedHashMap<>();
        for (Host node : street.nodes()) {
            Cell cell = Cell.of(street.lab, node, script);
            String times = "keepalive " + keepalive + "\ndeadtime " + deadtime + "\ninitdead 12\n";
            String logs = "logfile /var/log/ha-log\nlogfacility none\n";
            cell.write("ha.d/ha.cf", logs + times + HaFiles.haCf(wish), "rw-r--r--");
            cell.write("ha.d/haresources", HaFiles.haresources(wish), "rw-r--r--");
            cell.write("ha.d/authkeys", HaFiles.AUTHKEYS, "rw-------");
            cell.write("ha.d/resource.d/failing", HaFiles.FAILING_ON_ALICE, "rwxr-xr-x");
            cells.put(node, cell);
        }
        return new OnStreet(street, cells);
    }

    private record OnStreet(Street street, Map<Host, Cell> cells) implements Running {

        private Cell of(Host node) {
            Cell cell = cells.get(node);
            if (cell == null) {
                throw new IllegalArgumentException(node.name());
            }
            return cell;
        }

        @Override
        public void start(Host node) {
            of(node).run(PROGRAM);
        }

        @Override
        public void kill(Host node) {
            of(node).signal("KILL", processes(node));
        }

        @Override
        public void freeze(Host node, boolean frozen) {
            of(node).signal(frozen ? "STOP" : "CONT", processes(node));
        }

        @Override
        public void stop(Host node) {
            Thread.ofPlatform().daemon().start(() -> of(node).run(PROGRAM, "-k"));
        }

        @Override
        public void standby(Host node) {
            of(node).run(STANDBY, "all");
        }

        @Override
        public void takeover(Host node) {
            of(node).run(TAKEOVER, "all");
        }

        @Override
        public boolean settled() {
            return street.nodes().stream().allMatch(node -> {
                String status = of(node).run("timeout", "6", "cl_status", "rscstatus")
                        .output()
                        .strip();
                return List.of("all", "local", "foreign", "none").contains(status);
            });
        }

        @Override
        public long stateChanges() {
            return cells.values().stream()
                    .flatMap(cell -> cell.logs().lines())
                    .filter(line -> line.contains("is dead")
                            || line.contains("returning after partition")
                            || line.contains("Acquiring resource group")
                            || line.contains("Releasing resource group"))
                    .count();
        }

        @Override
        public List<Long> processes(Host node) {
            return of(node).processes("heartbeat", "ha_logd", "ipfail");
        }
    }
}
