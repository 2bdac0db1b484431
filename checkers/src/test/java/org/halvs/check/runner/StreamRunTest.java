package org.halvs.check.runner;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.halvs.check.CheckResult;
import org.halvs.check.CheckResult.Failed;
import org.halvs.check.CheckResult.Passed;
import org.halvs.check.CheckResult.Reason;
import org.halvs.check.CheckSpec;
import org.halvs.check.CheckTarget;
import org.halvs.check.Conversation;
import org.halvs.check.HealthChecker;
import org.halvs.check.ProbeKey;
import org.halvs.check.StreamChecker;
import org.halvs.check.testing.LoopbackServers;
import org.halvs.linux.IpAddress;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Conversations on the timer thread, with servers on loopback that do what they please. */
class StreamRunTest {
    private static final Duration TIMEOUT = Duration.ofMillis(400);
    /** Where the time is not what is tested: a busy machine needs more than one would think. */
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private static final Duration INTERVAL = Duration.ofMillis(100);
    private static final CheckResult OK = new Passed("ok");
    private static final CheckResult LATE = new Failed(Reason.TIMED_OUT, "late");

    private final LoopbackServers servers = new LoopbackServers();
    private final BlockingQueue<ProbeReport> reports = new LinkedBlockingQueue<>();

    /** A conversation that says {@code first} and goes on as a function says with all it has heard so far. */
    private static final class Scripted implements Conversation {
        final Turn first;
        final Function<String, Turn> next;
        final StringBuilder heard = new StringBuilder();

        Scripted(Turn first, Function<String, Turn> next) {
            this.first = first;
            this.next = next;
        }

        @Override
        public Turn opening() {
            return first;
        }

        @Override
        public Turn heard(byte[] bytes, int length) {
            heard.append(new String(bytes, 0, length, StandardCharsets.ISO_8859_1));
            return next.apply(heard.toString());
        }

        @Override
        public End ended() {
            return new Over(new Failed(Reason.PROTOCOL_ERROR, "ended after " + heard));
        }

        @Override
        public CheckResult failed(Exception problem) {
            return problem instanceof ConnectException
                    ? new Failed(Reason.REFUSED, String.valueOf(problem.getMessage()))
                    : new Failed(Reason.PROTOCOL_ERROR, String.valueOf(problem.getMessage()));
        }

        @Override
        public CheckResult timedOut() {
            return LATE;
        }

        @Override
        public void close() {}
    }

    /** A checker by conversations only. */
    private record Talking(Conversation.Turn first, Function<String, Conversation.Turn> next) implements StreamChecker {
        @Override
        public Conversation converse(CheckTarget target, Duration timeout) {
            return new Scripted(first, next);
        }

        @Override
        public CheckResult check(CheckTarget target, Duration timeout) {
            throw new AssertionError("a stream is held by the runner");
        }
    }

    @AfterEach
    void close() throws IOException {
        servers.close();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static Conversation.Say say(String text) {
        return new Conversation.Say(text);
    }

    private static Conversation.Over over(CheckResult result) {
        return new Conversation.Over(result);
    }

    private static Probe probe(CheckTarget target, Duration timeout) {
        return new Probe(new ProbeKey(target, new CheckSpec.Connect(timeout)), INTERVAL);
    }

    private CheckRunner runner(StreamChecker checker) {
        return new CheckRunner(
                _ -> checker,
                (key, result, started, duration) -> reports.add(new ProbeReport(key, result, started, duration)));
    }

    private ProbeReport next() throws InterruptedException {
        ProbeReport report = reports.poll(20, TimeUnit.SECONDS);
        assertThat(report).isNotNull();
        return report;
    }

    private CheckResult firstResult(StreamChecker checker, CheckTarget target) throws InterruptedException {
        return firstResult(checker, target, PATIENCE);
    }

    private CheckResult firstResult(StreamChecker checker, CheckTarget target, Duration timeout)
            throws InterruptedException {
        try (CheckRunner runner = runner(checker)) {
            runner.update(List.of(probe(target, timeout)));
            return next().result();
        }
    }

    @Test
    void saysAndHearsInTurn() throws Exception {
        CheckTarget target = servers.serve((in, out) -> {
            out.write(bytes("hel"));
            Thread.sleep(20);
            out.write(bytes("lo\n"));
            assertThat(new String(in.readNBytes(4), StandardCharsets.ISO_8859_1))
                    .isEqualTo("name");
            out.write(bytes("welcome\n"));
            in.transferTo(OutputStream.nullOutputStream());
        });
        Talking checker = new Talking(Conversation.Turn.LISTEN, heard -> switch (heard) {
            case "hello\n" -> say("name");
            case "hello\nwelcome\n" -> over(OK);
            default -> Conversation.Turn.LISTEN;
        });
        assertThat(firstResult(checker, target)).isEqualTo(OK);
    }

    @Test
    void isContentWithAConnection() throws Exception {
        CheckTarget target = servers.serve((in, out) -> in.transferTo(OutputStream.nullOutputStream()));
        Talking checker = new Talking(over(OK), _ -> Conversation.Turn.LISTEN);
        assertThat(firstResult(checker, target)).isEqualTo(OK);
    }

    @Test
    void seesThatNobodyListens() throws Exception {
        CheckTarget target;
        try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            target = new CheckTarget(IpAddress.of("127.0.0.1"), listener.getLocalPort());
        }
        for (Conversation.Turn first : List.of(say("x"), over(OK), Conversation.Turn.LISTEN)) {
            assertThat(firstResult(new Talking(first, _ -> Conversation.Turn.LISTEN), target))
                    .as("a conversation that begins with " + first)
                    .isEqualTo(new Failed(Reason.REFUSED, "Connection refused"));
        }
    }

    @Test
    void hearsTheEndOfTheStream() throws Exception {
        CheckTarget target = servers.serve((in, out) -> out.write(bytes("half")));
        Talking checker = new Talking(Conversation.Turn.LISTEN, _ -> Conversation.Turn.LISTEN);
        assertThat(firstResult(checker, target)).isEqualTo(new Failed(Reason.PROTOCOL_ERROR, "ended after half"));
    }

    @Test
    void saysMoreThanTheKernelTakesAtOnce() throws Exception {
        String much = "x".repeat(20_000_000);
        CheckTarget target = servers.serve((in, out) -> {
            Thread.sleep(50);
            out.write(bytes(in.readNBytes(much.length()).length + "\n"));
        });
        Talking checker = new Talking(
                new Conversation.Say(much),
                heard -> heard.endsWith("\n") ? over(new Passed(heard.strip())) : Conversation.Turn.LISTEN);
        try (CheckRunner runner = runner(checker)) {
            runner.update(List.of(new Probe(
                    new ProbeKey(target, new CheckSpec.Connect(Duration.ofSeconds(20))), Duration.ofSeconds(30))));
            assertThat(next().result()).isEqualTo(new Passed("20000000"));
        }
    }

    @Test
    void endsAtTheDeadlineAndHangsUp() throws Exception {
        CompletableFuture<Integer> end = new CompletableFuture<>();
        CheckTarget target = servers.serve((in, out) -> {
            int c = in.read();
            while (c >= 0) {
                out.write('x'); // a byte for each byte, and never an end
                c = in.read();
            }
            end.complete(c);
        });
        Talking checker = new Talking(say("x"), heard -> heard.length() < 20 ? say("x") : Conversation.Turn.LISTEN);
        try (CheckRunner runner = runner(checker)) {
            runner.update(List.of(probe(target, TIMEOUT)));
            ProbeReport report = next();
            assertThat(report.result()).isEqualTo(LATE);
            assertThat(report.durationNanos()).isGreaterThanOrEqualTo(TIMEOUT.toNanos());
            assertThat(end.get(10, TimeUnit.SECONDS)).isEqualTo(-1);
        }
    }

    @Test
    void hangsUpWhenTheCheckIsNotWantedAnyMore() throws Exception {
        CompletableFuture<Boolean> begun = new CompletableFuture<>();
        CompletableFuture<Integer> end = new CompletableFuture<>();
        CheckTarget target = servers.serve((in, out) -> {
            in.read();
            begun.complete(true);
            end.complete(in.read());
        });
        try (CheckRunner runner = runner(new Talking(say("x"), _ -> Conversation.Turn.LISTEN))) {
            runner.update(
                    List.of(new Probe(new ProbeKey(target, new CheckSpec.Connect(Duration.ofSeconds(60))), INTERVAL)));
            assertThat(begun.get(10, TimeUnit.SECONDS)).isTrue();
            runner.update(List.of());
            assertThat(end.get(10, TimeUnit.SECONDS)).isEqualTo(-1);
            assertThat(runner.snapshot().inFlight()).isZero();
        }
        assertThat(reports).isEmpty();
    }

    @Test
    void survivesAConversationThatThrows() throws Exception {
        CheckTarget target = servers.serve((in, out) -> {
            out.write(bytes("x"));
            in.transferTo(OutputStream.nullOutputStream());
        });
        Talking inTheMiddle = new Talking(say("x"), _ -> {
            throw new IllegalStateException("deliberately");
        });
        assertThat(firstResult(inTheMiddle, target)).isEqualTo(new Failed(Reason.PROTOCOL_ERROR, "deliberately"));
        Talking deep = new Talking(say("x"), _ -> {
            throw new StackOverflowError("deliberately");
        });
        assertThat(firstResult(deep, target))
                .isEqualTo(new Failed(Reason.NOT_POSSIBLE, "the check itself broke: StackOverflowError"));
    }

    @Test
    void goesOnElsewhereInWhatIsLeftOfTheTime() throws Exception {
        CheckTarget target = servers.serve((in, out) -> {
            Thread.sleep(100);
            out.write(bytes("x"));
        });
        CompletableFuture<Duration> left = new CompletableFuture<>();
        HealthChecker rest = (_, time) -> {
            left.complete(time);
            return new Passed(String.valueOf(Thread.currentThread().isVirtual()));
        };
        Talking checker = new Talking(say("x"), _ -> new Conversation.Onward(rest));
        try (CheckRunner runner = runner(checker)) {
            runner.update(List.of(probe(target, PATIENCE)));
            ProbeReport report = next();
            assertThat(report.result()).isEqualTo(new Passed("true"));
            assertThat(report.durationNanos())
                    .isGreaterThanOrEqualTo(Duration.ofMillis(100).toNanos());
            assertThat(left.get()).isBetween(Duration.ofNanos(1), PATIENCE.minusMillis(100));
        }
    }

    @Test
    void cutsOffARestThatTakesTooLong() throws Exception {
        CheckTarget target = servers.serve((in, out) -> out.write(bytes("x")));
        CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
        HealthChecker rest = (_, _) -> {
            try {
                Thread.sleep(60_000);
            } catch (InterruptedException e) {
                interrupted.complete(true);
            }
            return OK;
        };
        assertThat(firstResult(
                        new Talking(say("x"), _ -> new Conversation.Onward(rest)), target, Duration.ofSeconds(3)))
                .isEqualTo(new Failed(Reason.TIMED_OUT, "no result within 3000 ms"));
        assertThat(interrupted.get(10, TimeUnit.SECONDS)).isTrue();
    }

    /** Servers that say more than anybody can hear, from their first moment on. */
    @Test
    void letsEveryoneHaveATurnWhoeverTalks() throws Exception {
        CheckTarget flood = servers.serve((in, out) -> {
            byte[] flow = new byte[1 << 20];
            while (true) {
                out.write(flow);
            }
        });
        CheckTarget good = servers.serve((in, out) -> {
            in.read();
            out.write(bytes("well\n"));
        });
        AtomicInteger floods = new AtomicInteger();
        AtomicInteger passed = new AtomicInteger();
        Talking checker = new Talking(say("x"), heard -> {
            if (heard.startsWith("well\n")) {
                return over(OK);
            }
            return Conversation.Turn.LISTEN;
        });
        // heard text is kept by the conversations of this test, so a flood is cut where the runner cuts it
        try (CheckRunner runner = new CheckRunner(_ -> checker, (key, result, _, _) -> {
            if (key.target().equals(good) && result.passed()) {
                passed.incrementAndGet();
            } else if (key.target().equals(flood) && !result.passed()) {
                floods.incrementAndGet();
            }
        })) {
            runner.update(List.of(probe(flood, TIMEOUT), probe(good, TIMEOUT)));
            for (int i = 0; i < 2000 && (passed.get() < 20 || floods.get() < 3); i++) {
                Thread.sleep(10);
            }
        }
        assertThat(passed.get()).isGreaterThanOrEqualTo(20);
        assertThat(floods.get()).isGreaterThanOrEqualTo(3);
    }

    @Test
    void tellsNewsAtOnceAndTheRestInCompany() throws Exception {
        CheckTarget target = servers.serve((in, out) -> in.transferTo(OutputStream.nullOutputStream()));
        List<List<ProbeReport>> deliveries = new CopyOnWriteArrayList<>();
        AtomicInteger count = new AtomicInteger();
        ResultListener listener = new ResultListener() {
            @Override
            public void onResult(ProbeKey key, CheckResult result, long startedNanos, long durationNanos) {
                throw new AssertionError("results come in lists");
            }

            @Override
            public void onResults(List<ProbeReport> all) {
                deliveries.add(all);
                count.addAndGet(all.size());
            }
        };
        List<Probe> probes = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            probes.add(new Probe(
                    new ProbeKey(target, new CheckSpec.Connect(TIMEOUT.plusMillis(i))), Duration.ofMillis(200)));
        }
        try (CheckRunner runner = new CheckRunner(_ -> new Talking(over(OK), _ -> over(OK)), listener)) {
            runner.update(probes);
            for (int i = 0; i < 2000 && count.get() < 1000; i++) {
                Thread.sleep(10);
            }
        }
        assertThat(count.get()).isGreaterThanOrEqualTo(1000);
        List<ProbeReport> told = deliveries.stream().flatMap(List::stream).toList();
        assertThat(told.stream().map(ProbeReport::key).distinct()).hasSize(100);
        // the first result of each is news; further ones of a whole interval come two or three times in it
        assertThat(deliveries.size()).isLessThan(100 + (count.get() - 100) / 10);
    }
}
