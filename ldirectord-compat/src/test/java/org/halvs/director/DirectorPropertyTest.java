package org.halvs.director;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.halvs.check.CheckResult;
import org.halvs.check.ProbeKey;
import org.halvs.ipvs.ForwardingTable;
import org.halvs.ipvs.RealServer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What holds after any sequence of results, reloads, maintenance and orders. */
class DirectorPropertyTest {
    private static final int STEPS = 1500;
    private static final String FALLBACK = "127.0.0.9:80";

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void invariantsHold(long seed) {
        Random random = new Random(seed);
        ServicePlan plan = randomPlan(random);
        Director director = new Director(plan, ForwardingTable.EMPTY, 0);
        Map<ProbeKey, Boolean> lastResult = new HashMap<>();
        Set<ProbeKey> everGood = new HashSet<>();
        ForwardingTable before = director.table();
        long now = 0;
        for (int i = 0; i < STEPS; i++) {
            now += random.nextLong(3_000_000_000L);
            DirectorStep step = randomStep(random, director, lastResult, everGood, now);
            assertThat(step.table()).isSameAs(director.table());
            assertThat(step.changed()).isEqualTo(!step.table().sameContent(before));
            assertThat(step.table().revision()).isEqualTo(before.revision() + (step.changed() ? 1 : 0));
            checkWeights(director, everGood);
            checkFallback(director);
            before = director.tick(now).table();
            assertThat(director.replacePlan(director.plan(), now).changed())
                    .as("a reload of the same plan, seed %d step %d", seed, i)
                    .isFalse();
        }
    }

    private static DirectorStep randomStep(
            Random random, Director director, Map<ProbeKey, Boolean> lastResult, Set<ProbeKey> everGood, long now) {
        List<ScheduledProbe> probes = director.probes();
        int choice = random.nextInt(100);
        if (choice < 3) {
            return director.replacePlan(randomPlan(random), now);
        }
        ServerAddress address = new ServerAddress(
                PlanText.target("127.0.0." + (2 + random.nextInt(3)) + ":80").address(), 80);
        if (choice < 6) {
            Map<ServerAddress, String> files = new LinkedHashMap<>();
            if (random.nextBoolean()) {
                files.put(address, "file");
            }
            return director.maintenance(files, now);
        }
        if (choice < 9) {
            Optional<ServerOverride> order = random.nextBoolean()
                    ? Optional.empty()
                    : Optional.of(
                            random.nextBoolean()
                                    ? new ServerOverride.Drain()
                                    : new ServerOverride.Weight(random.nextInt(5)));
            return director.override(address, order, now);
        }
        if (choice < 15 || probes.isEmpty()) {
            return director.tick(now);
        }
        ProbeKey probe = probes.get(random.nextInt(probes.size())).key();
        boolean good = random.nextInt(3) > 0;
        lastResult.put(probe, good);
        if (good) {
            everGood.add(probe);
        }
        CheckResult result = good
                ? new CheckResult.Passed("")
                : new CheckResult.Failed(CheckResult.Reason.REFUSED, "connection refused");
        return director.result(probe, result, now);
    }

    /** Nobody has a weight whose probe was never good. */
    private static void checkWeights(Director director, Set<ProbeKey> everGood) {
        for (VirtualPlan virtual : director.plan().virtuals()) {
            List<RealServer> servers = director.table()
                    .entry(virtual.service().key())
                    .orElseThrow()
                    .servers();
            for (RealPlan real : virtual.reals()) {
                Optional<RealServer> listed =
                        servers.stream().filter(real.server()::sameDestination).findFirst();
                if (listed.filter(server -> server.weight() > 0).isPresent()) {
                    assertThat(everGood).contains(ProbeKind.of(real));
                }
            }
        }
    }

    /** The fallback is there exactly when no server is up and in service. */
    private static void checkFallback(Director director) {
        for (DirectorStatus service : director.status(0)) {
            boolean available = service.reals().stream()
                    .anyMatch(real -> real.health() == DirectorStatus.Health.UP
                            && real.order()
                                    .filter(order -> order instanceof ServerOverride.Drain)
                                    .isEmpty());
            boolean listed = director.table().entry(service.service()).orElseThrow().servers().stream()
                    .anyMatch(server -> ServerName.of(server).listed().equals(FALLBACK));
            assertThat(listed).isEqualTo(!available);
        }
    }

    private static ServicePlan randomPlan(Random random) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 2; i++) {
            text.append("virtual 192.0.2.1" + i + ":80 fallback=" + FALLBACK + " quiescent="
                    + (random.nextBoolean() ? "yes" : "no") + " failurecount=" + (1 + random.nextInt(3))
                    + " successcount=" + (1 + random.nextInt(2)) + " slowstart=" + 10 * random.nextInt(2)
                    + " startpercent=20\n");
            for (int host = 2; host <= 4; host++) {
                if (random.nextInt(4) > 0) {
                    text.append("  real 127.0.0." + host + ":80 gate " + (1 + random.nextInt(20)) + "\n");
                }
            }
        }
        return PlanText.plan(text.toString().lines().toList());
    }
}
