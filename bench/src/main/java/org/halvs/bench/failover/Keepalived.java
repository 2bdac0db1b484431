package org.halvs.bench.failover;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.halvs.lab.Host;

/** keepalived, VRRP version 3. */
final class Keepalived implements Contender {
    private static final String PROGRAM = "/usr/sbin/keepalived";

    private final Path script;
    private final String advert;

    /** @param advert seconds between two advertisements, {@code 0.1} */
    Keepalived(Path script, String advert) {
        this.script = script;
        this.advert = advert;
    }

    @Override
    public String name() {
        return "keepalived " + advert;
    }

    @Override
    public String missing() {
        return Street.installed(PROGRAM) ? "" : "the package keepalived is not installed";
    }

    @Override
    public boolean can(Event event) {
        return event != Event.STANDBY && event != Event.FAILED_START;
    }

    @Override
    public Running on(Street street, Wish wish) {
        Map<Host, Cell> cells = new LinkedHashMap<>();
        for (Host node : street.nodes()) {
            Cell cell = Cell.of(street.lab, node, script);
            boolean preferred = node == street.alice;
            cell.write(
                    "keepalived/keepalived.conf",
                    """
                    global_defs {
                      router_id %s
                      vrrp_version 3
                    }
                    vrrp_instance V {
                      state %s
                      interface eth0
                      virtual_router_id 51
                      priority %d
                      advert_int %s
                      virtual_ipaddress {
                        %s/24 dev eth0
                      }
                    }
                    """.formatted(
                            node.name(), preferred ? "MASTER" : "BACKUP", preferred ? 150 : 100, advert, Street.VIP),
                    "rw-r--r--");
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
            of(node).run(
                            "sh",
                            "-c",
                            PROGRAM
                                    + " -P -n -l -D -p /run/ka.pid -r /run/kav.pid > /var/log/ka.log 2>&1 < /dev/null &");
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
            of(node).signal("TERM", processes(node).stream().limit(1).toList());
        }

        @Override
        public void standby(Host node) {
            throw new UnsupportedOperationException("keepalived has none");
        }

        @Override
        public void takeover(Host node) {
            throw new UnsupportedOperationException("keepalived has none");
        }

        @Override
        public boolean settled() {
            return true;
        }

        @Override
        public long stateChanges() {
            return cells.values().stream()
                    .flatMap(cell -> cell.logs().lines())
                    .filter(line -> line.contains("Entering MASTER") || line.contains("Entering BACKUP"))
                    .count();
        }

        @Override
        public boolean heartsOnLan() {
            return true;
        }

        @Override
        public List<Long> processes(Host node) {
            return of(node).processes("keepalived").stream().sorted().toList();
        }
    }
}
