package org.halvs.ldirectord;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.halvs.check.CheckSpec;
import org.halvs.dialect.ConfigProblem;
import org.halvs.director.VirtualPlan;
import org.junit.jupiter.api.Test;

/** What a file says and ldirectord misreads in silence, or dies of later: each such trap is told of, or closed, when the file is read. */
class ReadingTrapsTest {
    private static List<String> problems(String text) {
        return Recordings.read(text).result().problems().stream()
                .map(ConfigProblem::toString)
                .toList();
    }

    private static VirtualPlan only(String text) {
        return Recordings.read(text)
                .result()
                .value()
                .orElseThrow()
                .services()
                .virtuals()
                .getFirst();
    }

    private static CheckSpec.Exchange exchange(String text) {
        CheckSpec check = only(text).reals().getFirst().check();
        return ((CheckSpec.Negotiate) check).exchange();
    }

    @Test
    void trapBad005AnAddressWithoutPortIsSaidToBeAFirewallMark() {
        String text = "virtual=192.0.2.10\n\treal=127.0.0.2:80 gate\n\tchecktype=on\n";
        assertThat(only(text).service().key()).hasToString("FWM 192");
        assertThat(problems(text))
                .anyMatch(problem -> problem.contains("read as firewall mark 192, because no port follows"));
    }

    @Test
    void trapBad004ABlankLineThatEndsABlockIsNamed() {
        assertThat(problems("virtual=192.0.2.10:80\n\treal=127.0.0.2:80 gate\n\n\tscheduler=rr\n\tservice=http\n"))
                .singleElement()
                .asString()
                .contains(":4:", "the blank line 3 ended the virtual service");
    }

    @Test
    void trapBad058WindowsLineEndsAreNamed() {
        assertThat(problems("quiescent=yes\r\n")).singleElement().asString().contains("dos2unix");
    }

    @Test
    void trapBad092AHashInsideQuotesIsNamed() {
        assertThat(problems("virtual=192.0.2.10:80\n\treal=127.0.0.2:80 gate\n\tpasswd=\"a#b\"\n"))
                .singleElement()
                .asString()
                .contains("everything from # on is a comment, even inside quotes")
                .doesNotContain("a#b");
    }

    @Test
    void trapRangeAcrossAPowerOfTenHasItsServers() {
        assertThat(only("virtual=192.0.2.10:80\n\treal=59.154.201.254->59.154.202.1:80 gate\n\tchecktype=on\n")
                        .reals())
                .hasSize(4);
    }

    @Test
    void trapAHostNameWithAnUnderscoreIsSaidToBeMisread() {
        assertThat(problems("virtual=192.0.2.10:80\n\treal=foo_web2:80 gate\n\tchecktype=on\n"))
                .singleElement()
                .asString()
                .contains("read as web2");
    }

    @Test
    void trap80AnExpressionThatIsNoneIsRefusedBeforeItCanEndADaemon() {
        assertThat(problems("virtual=192.0.2.10:80\n\treal=127.0.0.2:80 gate\n\treceive=\"Test (Page\"\n"))
                .singleElement()
                .asString()
                .contains(":3:", "receive is not a regular expression");
    }

    /** As in the recording, where ipvsadm refuses such a server whenever it is to be added. */
    @Test
    void trap23AServerWithALowerThresholdAloneIsSaidNotToBeServed() {
        String text = "virtual=192.0.2.10:80\n\treal=127.0.0.2:80 gate l:7\n\treal=127.0.0.3:80 gate l:7 u:9\n";
        assertThat(only(text).reals())
                .singleElement()
                .extracting(real -> real.server().address().toString())
                .isEqualTo("127.0.0.3");
        assertThat(problems(text)).singleElement().asString().contains(":2:", "l:7 is above the upper one, u:0");
    }

    @Test
    void trap28AGlobalFallbackWithoutPortServesAFirewallMark() {
        String text = "fallback=127.0.0.9\nvirtual=5\n\treal=127.0.0.2:80 gate\n\tchecktype=connect\n";
        assertThat(only(text).fallback().orElseThrow().address()).hasToString("127.0.0.9");
    }

    @Test
    void trapAnInferredServiceHasTheLoginOfOneThatIsWrittenOut() {
        String inferred = "virtual=192.0.2.10:21\n\treal=127.0.0.2:21 gate\n";
        String written = inferred + "\tservice=ftp\n";
        assertThat(exchange(inferred)).isEqualTo(exchange(written));
        assertThat(exchange(inferred).login()).isEqualTo("anonymous");
    }

    /** The others are served, with one warning for it; and what else is wrong in it is not passed over. */
    @Test
    void aServiceOfTheSitesOwnLeavesOutItsVirtualServiceAndNothingElse() {
        String own = "virtual=192.0.2.10:80\n\treal=127.0.0.2:80 gate\n\tservice=check_sonda_fd\n\treceive=\"*ok\"\n";
        String other = "virtual=192.0.2.11:80\n\treal=127.0.0.3:80 gate\n\tchecktype=on\n";
        assertThat(only(own + other).reals().getFirst().server().address()).hasToString("127.0.0.3");
        assertThat(problems(own + other)).singleElement().asString().contains(":3: warning", "check_sonda_fd");
        assertThat(problems(own.replace("gate", "nat") + other))
                .anyMatch(problem -> problem.contains(":2: error") && problem.contains("forward method must be"));
    }

    /** A virtual service by TCP has its name servers asked by TCP, whatever its port is. */
    @Test
    void dnsIsAskedByTheProtocolOfItsVirtualService() {
        String asked = "\treal=127.0.0.2:53 gate\n\tservice=dns\n\trequest=\"www.example.test\"\n";
        assertThat(exchange("virtual=192.0.2.10:5353\n" + asked).datagram()).isFalse();
        for (String virtual : List.of("192.0.2.10:53", "192.0.2.10:domain", "7")) {
            assertThat(exchange("virtual=" + virtual + "\n" + asked).datagram())
                    .as(virtual)
                    .isTrue();
        }
    }
}
