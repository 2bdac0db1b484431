package org.halvs.dialect;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class DidYouMeanTest {
    private static final List<String> WORDS = List.of("scheduler", "service", "real", "virtual", "checkport");

    @Test
    void findsTheWordThatWasMeant() {
        assertThat(DidYouMean.among(WORDS, "shceduler")).contains("scheduler");
        assertThat(DidYouMean.among(WORDS, "servcie")).contains("service");
        assertThat(DidYouMean.among(WORDS, "reel")).contains("real");
        assertThat(DidYouMean.among(WORDS, "check_port")).contains("checkport");
    }

    @Test
    void saysNothingOfAnotherWord() {
        assertThat(DidYouMean.among(WORDS, "persistent")).isEmpty();
        assertThat(DidYouMean.among(List.of("ab"), "xy")).isEmpty();
        assertThat(DidYouMean.among(List.of(), "real")).isEmpty();
    }
}
