package org.halvs.ldirectord;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.halvs.check.CheckSpec;
import org.halvs.director.OldBehaviour;
import org.halvs.director.Recovery;
import org.halvs.director.VirtualPlan;
import org.junit.jupiter.api.Test;

/** What halvs.yml says about every ldirectord.cf. */
class SiteRulesTest {
    private static final Recovery SLOWLY = new Recovery(3, Duration.ofSeconds(30), 20);

    private static List<VirtualPlan> read(SiteRules site, String text) {
        return new LdirectordReader(new FixedNameService("", "", "director1"), new MemoryConfigFiles(List.of("")), site)
                .read("x.cf", text)
                .result()
                .value()
                .orElseThrow()
                .services()
                .virtuals();
    }

    private static SiteRules keeping(OldBehaviour... kept) {
        return new SiteRules(Map.of(), Recovery.AT_ONCE, SiteRules.Verified.NONE, Set.of(kept));
    }

    private static CheckSpec check(VirtualPlan virtual) {
        return virtual.reals().getFirst().check();
    }

    @Test
    void popWithoutALoginIsUpWhereASiteWantsThat() {
        String text = """
                virtual=192.0.2.10:110
                	real=127.0.0.2:110 gate
                virtual=192.0.2.10:995
                	real=127.0.0.2:995 gate
                	login="u"
                	passwd="p"
                """;
        List<VirtualPlan> kept = read(keeping(OldBehaviour.POP_WITHOUT_LOGIN_IS_UP), text);
        assertThat(check(kept.getFirst())).isEqualTo(new CheckSpec.On());
        assertThat(check(kept.getLast())).isInstanceOf(CheckSpec.Negotiate.class);
        assertThat(check(read(SiteRules.NONE, text).getFirst())).isInstanceOf(CheckSpec.Negotiate.class);
    }

    @Test
    void certificatesAreVerifiedForTheServicesASiteNames() {
        String text = """
                virtual=192.0.2.10:443
                	real=127.0.0.2:443 gate
                virtual=192.0.2.11:443
                	real=127.0.0.2:443 gate
                """;
        SiteRules one = new SiteRules(
                Map.of(), Recovery.AT_ONCE, new SiteRules.Verified(false, Set.of("192.0.2.11:443")), Set.of());
        assertThat(read(one, text)).extracting(SiteRulesTest::isVerified).containsExactly(false, true);
        SiteRules all = new SiteRules(Map.of(), Recovery.AT_ONCE, new SiteRules.Verified(true, Set.of()), Set.of());
        assertThat(read(all, text)).extracting(SiteRulesTest::isVerified).containsExactly(true, true);
        assertThat(read(SiteRules.NONE, text))
                .extracting(SiteRulesTest::isVerified)
                .containsExactly(false, false);
    }

    private static boolean isVerified(VirtualPlan virtual) {
        return check(virtual) instanceof CheckSpec.Negotiate negotiate
                && negotiate.exchange().verified();
    }

    @Test
    void recoveryIsTheSitesWhereTheFileSaysNothing() {
        SiteRules site = new SiteRules(Map.of(), SLOWLY, SiteRules.Verified.NONE, Set.of());
        String text = """
                virtual=192.0.2.10:80
                	real=127.0.0.2:80 gate
                virtual=192.0.2.11:80
                	real=127.0.0.2:80 gate
                	successcount=1
                	slowstart=0
                """;
        assertThat(read(site, text))
                .extracting(VirtualPlan::recovery)
                .containsExactly(SLOWLY, new Recovery(1, Duration.ZERO, 100));
    }
}
