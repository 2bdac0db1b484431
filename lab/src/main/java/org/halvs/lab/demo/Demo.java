package org.halvs.lab.demo;

import java.net.InetAddress;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.halvs.lab.Director;
import org.halvs.lab.DirectorPair;
import org.halvs.lab.Lab;
import org.halvs.lab.LabException;
import org.halvs.lab.Request;
import org.halvs.lab.RequestStream;
import org.halvs.lab.WebServer;

/** {@code make demo}: two directors, one floating address, three real servers, and everything that may happen to them on a bad day. */
public final class Demo {
    private static final int SERVER_CHECK_LIMIT_MILLIS = 3000;
    private static final int KILL_LIMIT_MILLIS = 500;
    private static final int STREAM_INTERVAL_MILLIS = 5;

    private final DirectorPair pair;
    private final Story story;

    private Demo(DirectorPair pair, Story story) {
        this.pair = pair;
        this.story = story;
    }

    /** Arguments: the distribution, and anything but nothing to keep the lab running at the end. */
    public static void main(String[] arguments) throws InterruptedException {
        var missing = Lab.missing();
        if (missing.isPresent()) {
            System.err.println("demo: " + missing.get());
            System.exit(2);
        }
        Path distribution = Path.of(arguments[0]).toAbsolutePath();
        boolean keep = arguments.length > 1 && !arguments[1].isBlank();
        Story story = new Story();
        story.say(PICTURE);
        try (DirectorPair pair = DirectorPair.open(distribution)) {
            Thread atInterrupt = new Thread(pair::close);
            Runtime.getRuntime().addShutdownHook(atInterrupt);
            Demo demo = new Demo(pair, story);
            try {
                demo.run();
            } catch (RuntimeException e) {
                if (atInterrupt.getState() != Thread.State.NEW) {
                    return; // Ctrl-C pulled the lab from under the story
                }
                throw e;
            }
            if (keep) {
                demo.stay();
            } else {
                story.say(
                        "\nTo look around yourself: make demo KEEP=1 leaves the lab running and prints the commands.");
            }
        }
        System.exit(story.allHeld() ? 0 : 1);
    }

    private void run() {
        RecipeFiles.install(pair);
        begin();
        spread();
        serverStops();
        crash();
        failback();
        standby();
        story.say("\n" + story.summary() + ".");
    }

    private void begin() {
        story.act("1  Both directors start with the recipe's haresources and ldirectord.cf");
        long started = System.nanoTime();
        pair.lb1().start();
        pair.lb2().start();
        boolean owned = Lab.eventually(30_000, () -> pair.owners().equals(List.of(pair.lb1())) && answers());
        story.claim(
                owned,
                "lb1, the preferred node, owns %s and serves after %.1f s",
                DirectorPair.VIP,
                secondsSince(started));
        if (!owned) {
            throw new LabException("the lab never came up; lb1 said:\n"
                    + pair.lb1().log() + "\nlb2 said:\n" + pair.lb2().log());
        }
        Lab.eventually(10_000, () -> pair.weights().values().stream().noneMatch(weight -> weight == 0));
        story.say(indent(pair.lb1().tool("ipvsadm", "-L", "-n").output()));
    }

    private void spread() {
        story.act("2  300 requests from 75 client addresses");
        List<Request> requests = pair.requests(regulars(), 300);
        Map<String, Integer> byServer = DirectorPair.answers(requests);
        story.claim(
                requests.stream().allMatch(Request::answered)
                        && byServer.size() == 3
                        && byServer.values().stream().allMatch(n -> Math.abs(n - 100) <= 10),
                "spread by weight 1:1:1 over masquerading, direct routing and tunnel: %s, %d failed",
                byServer,
                failed(requests));
    }

    private void serverStops() {
        WebServer victim = pair.webServers().get(1);
        String address = "10.77.0.22:80";
        story.act("3  The web server of " + victim.host().name() + " stops, and comes back");
        long stopped = System.nanoTime();
        victim.stop();
        boolean quiesced = Lab.eventually(
                SERVER_CHECK_LIMIT_MILLIS,
                () -> Integer.valueOf(0).equals(pair.weights().get(address)));
        story.claim(quiesced, "weight 0 after %.1f s (it is checked every second)", secondsSince(stopped));
        List<Request> after = pair.requests(regulars(), 200);
        story.claim(
                after.stream().allMatch(Request::answered)
                        && !DirectorPair.answers(after)
                                .containsKey(victim.host().name()),
                "not one of the next 200 requests went there: %s, %d failed",
                DirectorPair.answers(after),
                failed(after));
        victim.restart();
        long restarted = System.nanoTime();
        boolean restored = Lab.eventually(
                SERVER_CHECK_LIMIT_MILLIS,
                () -> Integer.valueOf(1).equals(pair.weights().get(address)));
        story.claim(restored, "weight 1 again %.1f s after it came back", secondsSince(restarted));
        Map<String, Integer> newcomers = DirectorPair.answers(pair.requests(newcomers(), 25));
        story.claim(
                newcomers.containsKey(victim.host().name()),
                "and it gets the requests of new clients (the others stick to their servers): %s",
                newcomers);
    }

    private void crash() {
        story.act("4  kill -9 of the active director under a steady stream of 200 requests a second");
        long killedMillis;
        try (RequestStream stream = pair.stream(STREAM_INTERVAL_MILLIS)) {
            Lab.pause(1000);
            long killed = System.nanoTime();
            killedMillis = System.currentTimeMillis();
            pair.lb1().kill();
            boolean taken = Lab.eventually(10_000, () -> pair.owners().equals(List.of(pair.lb2())));
            Lab.pause(1500);
            double gap = stream.longestGapMillis(killed);
            List<Request> since = stream.since(killed);
            story.claim(
                    taken && gap < KILL_LIMIT_MILLIS,
                    "lb2 took over; the client waited %.0f ms at the longest, %d of %d requests failed",
                    gap,
                    failed(since),
                    since.size());
        }
        story.claim(pair.owners().equals(List.of(pair.lb2())), "%s is on lb2 and nowhere else", DirectorPair.VIP);
        String dead = lastEvent(pair.lb2(), "is dead");
        String acquired = lastEvent(pair.lb2(), " acquired ");
        story.note("on record: %s", dead);
        story.note("           %s", lastEvent(pair.lb2(), "acquiring"));
        story.note("           %s", acquired);
        story.note(
                "noticed %d ms after the kill, address and table there %d ms after it",
                millis(dead) - killedMillis, millis(acquired) - killedMillis);
    }

    private void failback() {
        story.act("5  lb1 returns; haresources prefers it, and ha.cf says auto_failback on");
        try (RequestStream stream = pair.stream(STREAM_INTERVAL_MILLIS)) {
            Lab.pause(500);
            long started = System.nanoTime();
            pair.lb1().start();
            boolean back = Lab.eventually(20_000, () -> pair.owners().equals(List.of(pair.lb1())));
            double after = secondsSince(started);
            Lab.pause(1500);
            List<Request> since = stream.since(started);
            story.claim(
                    back,
                    "lb1 owns it again %.1f s after its start; longest wait %.0f ms, %d of %d requests failed",
                    after,
                    stream.longestGapMillis(started),
                    failed(since),
                    since.size());
        }
    }

    private void standby() {
        story.act("6  An orderly standby: halvs standby on lb1");
        try (RequestStream stream = pair.stream(STREAM_INTERVAL_MILLIS)) {
            Lab.pause(500);
            long asked = System.nanoTime();
            var answer = pair.lb1().halvs("standby");
            boolean moved = Lab.eventually(10_000, () -> pair.owners().equals(List.of(pair.lb2())));
            Lab.pause(1500);
            List<Request> since = stream.since(asked);
            story.claim(
                    answer.exit() == 0 && moved,
                    "lb2 owns it; longest wait %.0f ms, %d of %d requests failed",
                    stream.longestGapMillis(asked),
                    failed(since),
                    since.size());
            story.say(indent(answer.output()));
        }
    }

    /** Clients that have been here before. The service is persistent: each sticks to the server it had. */
    private List<InetAddress> regulars() {
        return pair.clientAddresses().subList(0, 75);
    }

    private List<InetAddress> newcomers() {
        return pair.clientAddresses().subList(75, 100);
    }

    private boolean answers() {
        return pair.requests(1).getFirst().answered();
    }

    private static String lastEvent(Director director, String word) {
        return director.halvs("events")
                .output()
                .lines()
                .filter(line -> line.contains(word))
                .reduce((_, last) -> last)
                .orElse("none");
    }

    /** When a line of {@code halvs events} happened, in milliseconds since 1970; 0 when there is none. */
    private static long millis(String event) {
        return event.length() < 23
                ? 0
                : LocalDateTime.parse(event.substring(0, 23).replace(' ', 'T'))
                        .atZone(ZoneId.systemDefault())
                        .toInstant()
                        .toEpochMilli();
    }

    private static long failed(List<Request> requests) {
        return requests.stream().filter(r -> !r.answered()).count();
    }

    private static double secondsSince(long nanos) {
        return (System.nanoTime() - nanos) / 1e9;
    }

    private static String indent(String text) {
        return text.stripTrailing().indent(6).stripTrailing();
    }

    private void stay() throws InterruptedException {
        List<String> lines = new ArrayList<>();
        lines.add("\nThe lab stays until Ctrl-C. From another terminal:");
        for (Director director : List.of(pair.lb1(), pair.lb2())) {
            String in = "ip netns exec " + director.host().namespace() + " ";
            lines.add("  " + in + "target/dist/halvs/bin/halvs status --run " + director.run());
            lines.add("  " + in + "env HALVS_RUN=" + director.run() + " target/dist/halvs/bin/ipvsadm -L -n");
        }
        lines.add("  ip netns exec " + pair.client().namespace() + " curl http://" + DirectorPair.VIP + "/");
        lines.add("Files and logs: " + pair.lb1().etc().getParent() + ", "
                + pair.lb2().etc().getParent());
        lines.forEach(story::say);
        Thread.currentThread().join();
    }

    private static final String PICTURE = """

            HALVS: two directors, one floating address, three real servers, in network namespaces of this machine

              client 203.0.113.100-199           web1 10.77.0.21  masq  (back through the director)
                        |                       /
                    router 10.77.0.1 ---- switch -- web2 10.77.0.22  gate  (answers the client itself)
                                         /  |   \\
                 lb1 10.77.0.11 --------'   |    web3 10.77.0.23  ipip  (unwraps, answers the client itself)
                 lb2 10.77.0.12 ------------'
                 10.77.0.50:80 floats between lb1 (preferred) and lb2\
            """;
}
