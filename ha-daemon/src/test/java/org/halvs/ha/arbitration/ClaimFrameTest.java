package org.halvs.ha.arbitration;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import org.halvs.ha.config.Authkeys;
import org.halvs.ha.takeover.ClaimAnswer;
import org.halvs.ha.takeover.ClaimState;
import org.halvs.linux.MacAddress;
import org.junit.jupiter.api.Test;

class ClaimFrameTest {
    private static final MacAddress HERE = new MacAddress(0x0200_5e00_0001L);
    private static final ClaimSigner SIGNER = signer("a-secret");

    private static ClaimSigner signer(String secret) {
        return new ClaimSigner(new Authkeys(1, Map.of(1, new Authkeys.Key(1, Authkeys.Method.SHA1, secret))));
    }

    private static ClaimFrame frame(int groups) {
        Map<Long, ClaimAnswer> answers = new LinkedHashMap<>();
        for (int i = 0; i < groups; i++) {
            answers.put(
                    ClaimFrame.number("IPaddr2::192.0.2." + i),
                    new ClaimAnswer(ClaimState.values()[i % 4], 1_000L * i, 7));
        }
        return new ClaimFrame(true, 0x1234_5678_9abc_def0L, "alice.example.com", 42, answers);
    }

    @Test
    void whatIsSentIsRead() {
        for (int groups : new int[] {0, 1, ClaimFrame.MOST_GROUPS}) {
            byte[] bytes = frame(groups).bytes(MacAddress.BROADCAST, HERE, SIGNER);
            assertThat(bytes).hasSizeLessThanOrEqualTo(1_514);
            assertThat(ClaimFrame.parse(bytes, SIGNER)).contains(frame(groups));
            assertThat(ClaimFrame.parse(Arrays.copyOf(bytes, bytes.length + 20), SIGNER))
                    .as("padded to the least length of Ethernet")
                    .contains(frame(groups));
        }
    }

    @Test
    void aFrameThatWasSignedWithAnotherSecretIsNothing() {
        byte[] bytes = frame(1).bytes(MacAddress.BROADCAST, HERE, signer("another"));
        assertThat(ClaimFrame.parse(bytes, SIGNER)).isEmpty();
    }

    @Test
    void aFrameThatWasChangedOrIsNoiseIsNothing() {
        Random random = new Random(3);
        byte[] whole = frame(2).bytes(MacAddress.BROADCAST, HERE, SIGNER);
        for (int i = 0; i < 2_000; i++) {
            byte[] changed = whole.clone();
            changed[14 + random.nextInt(whole.length - 14)] ^= (byte) (1 << random.nextInt(8));
            assertThat(ClaimFrame.parse(changed, SIGNER)).isEmpty();
            assertThat(ClaimFrame.parse(Arrays.copyOf(whole, random.nextInt(whole.length)), SIGNER))
                    .isEmpty();
            byte[] noise = new byte[random.nextInt(300)];
            random.nextBytes(noise);
            assertThat(ClaimFrame.parse(noise, SIGNER)).isEmpty();
        }
    }
}
