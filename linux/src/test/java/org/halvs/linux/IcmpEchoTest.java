package org.halvs.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.halvs.linux.IcmpEcho.EchoResult;
import org.junit.jupiter.api.Test;

/** Pings across a veth pair, and to nobody. */
class IcmpEchoTest {
    private static final Duration SHORT = Duration.ofMillis(200);

    @Test
    void tellsWhoAnswersAndWhoDoesNot() throws Exception {
        try (TestNetwork network = TestNetwork.create();
                IcmpEcho echo = network.inHere(IcmpEcho::open)) {
            network.ipHere("addr add 192.0.2.1/24 dev eth0");
            network.ipThere("addr add 192.0.2.2/24 dev eth0");
            network.ipHere("addr add 2001:db8::1/64 dev eth0 nodad");
            network.ipThere("addr add 2001:db8::2/64 dev eth0 nodad");
            Duration second = Duration.ofSeconds(2);
            assertThat(echo.ping(IpAddress.of("192.0.2.2"), second)).isInstanceOf(EchoResult.Answered.class);
            assertThat(echo.ping(IpAddress.of("2001:db8::2"), second)).isInstanceOf(EchoResult.Answered.class);
            assertThat(echo.ping(IpAddress.of("127.0.0.1"), second)).isInstanceOf(EchoResult.Answered.class);
            long start = System.nanoTime();
            assertThat(echo.ping(IpAddress.of("192.0.2.3"), SHORT)).isEqualTo(new EchoResult.Silent(SHORT));
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isBetween(SHORT, SHORT.multipliedBy(10));
            assertThat(echo.ping(IpAddress.of("198.51.100.1"), SHORT))
                    .isInstanceOfSatisfying(
                            EchoResult.NotSent.class,
                            r -> assertThat(r.error().errno()).isEqualTo(Errno.ENETUNREACH));
        }
    }

    @Test
    void answersThousandsOfVirtualThreads() throws Exception {
        try (TestNetwork network = TestNetwork.create();
                IcmpEcho echo = network.inHere(IcmpEcho::open);
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            network.ipHere("addr add 192.0.2.1/24 dev eth0");
            network.ipThere("addr add 192.0.2.2/24 dev eth0");
            echo.ping(IpAddress.of("192.0.2.2"), Duration.ofSeconds(2));
            long start = System.nanoTime();
            List<Future<EchoResult>> results = new ArrayList<>();
            for (int i = 0; i < 5000; i++) {
                IpAddress target = IpAddress.of(i % 5 == 4 ? "192.0.2.77" : "192.0.2.2");
                results.add(threads.submit(() -> echo.ping(target, Duration.ofSeconds(2))));
            }
            Duration slowest = Duration.ZERO;
            for (int i = 0; i < results.size(); i++) {
                EchoResult result = results.get(i).get();
                assertThat(result instanceof EchoResult.Answered)
                        .as("%s", result)
                        .isEqualTo(i % 5 != 4);
                if (result instanceof EchoResult.Answered(Duration roundTrip) && roundTrip.compareTo(slowest) > 0) {
                    slowest = roundTrip;
                }
            }
            System.out.printf(
                    "[fig] 5000 concurrent pings: 4000 answered, the slowest after %d ms; all decided after %d ms%n",
                    slowest.toMillis(), (System.nanoTime() - start) / 1_000_000);
        }
    }

    @Test
    void closingEndsTheWaitAndTheThread() throws Exception {
        try (TestNetwork network = TestNetwork.create();
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            network.ipHere("addr add 192.0.2.1/24 dev eth0");
            IcmpEcho echo = network.inHere(IcmpEcho::open);
            Future<EchoResult> waiting =
                    threads.submit(() -> echo.ping(IpAddress.of("192.0.2.9"), Duration.ofMinutes(1)));
            Thread.sleep(50);
            echo.close();
            echo.close();
            assertThatThrownBy(waiting::get).isInstanceOf(ExecutionException.class);
            assertThatThrownBy(() -> echo.ping(IpAddress.of("192.0.2.9"), SHORT))
                    .isInstanceOf(IllegalStateException.class);
        }
        assertThat(Thread.getAllStackTraces().keySet())
                .noneMatch(thread -> thread.getName().equals("icmp"));
    }
}
