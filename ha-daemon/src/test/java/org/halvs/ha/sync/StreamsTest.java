package org.halvs.ha.sync;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.halvs.ipvs.sync.ConnectionSync;
import org.halvs.ipvs.sync.SyncPort;
import org.junit.jupiter.api.Test;

class StreamsTest {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
    private final OutgoingStream out = new OutgoingStream(7, 0);
    private final IncomingStream in = new IncomingStream();

    @Test
    void pagesAreAskedForOneByOneAndNoMoreThanTheWindow() {
        long now = 0;
        for (int page = 0; page < 4; page++) {
            assertThat(out.wantsPage(now)).isTrue();
            assertThat(out.askPage()).isEqualTo(page);
            assertThat(out.wantsPage(now)).as("one at a time").isFalse();
            out.page(new SyncPort.Page(new byte[10], 5, page + 1), now);
            assertThat(out.wantsPage(now)).as("not at once").isFalse();
            now += 2_000_000;
        }
        assertThat(out.wantsPage(now)).as("four are on their way").isFalse();
        out.taken(0, 1);
        assertThat(out.wantsPage(now)).isTrue();
        assertThat(out.askPage()).isEqualTo(4);
        out.page(new SyncPort.Page(new byte[0], 0, ConnectionSync.NO_PAGE), now);
        assertThat(out.isCopied()).as("on its way").isFalse();
        out.taken(0, 5);
        assertThat(out.isCopied()).isTrue();
        assertThat(out.copied()).isEqualTo(20);
        assertThat(out.wantsPage(now + SECOND)).isFalse();
    }

    @Test
    void changesWaitForRoomAndSilenceIsBroken() {
        for (int i = 0; i < 4; i++) {
            assertThat(out.mayTell()).isTrue();
            out.tell(new byte[1], 0, 0);
        }
        assertThat(out.mayTell()).isFalse();
        assertThat(out.isSilent(6 * SECOND)).as("it does not answer").isFalse();
        out.taken(4, 0);
        assertThat(out.isSilent(4 * SECOND)).isFalse();
        assertThat(out.isSilent(6 * SECOND)).isTrue();
        out.taken(Integer.MAX_VALUE, -1);
        assertThat(out.mayTell()).isTrue();
    }

    @Test
    void aCopyIsAskedForAgainAfterSilenceOrLoss() {
        in.ask(1, 9, 0);
        in.heard(0);
        assertThat(in.isToBeAsked(14 * SECOND)).isFalse();
        assertThat(in.isToBeAsked(15 * SECOND)).isTrue();
        in.heard(changes(1, 0), 10 * SECOND);
        assertThat(in.isToBeAsked(24 * SECOND)).isFalse();
        in.heard(changes(2, 400), 20 * SECOND);
        in.heard(changes(3, 400), 29 * SECOND);
        assertThat(in.isToBeAsked(29 * SECOND)).as("lost, but just asked").isFalse();
        assertThat(in.isToBeAsked(30 * SECOND)).isTrue();
        in.ask(2, 9, 30 * SECOND);
        in.heard(changes(1, 400), 59 * SECOND);
        assertThat(in.isToBeAsked(61 * SECOND)).isFalse();
        in.heard(changes(3, 400), 60 * SECOND);
        assertThat(in.isToBeAsked(61 * SECOND)).as("the second is missing").isTrue();
    }

    @Test
    void aQuestionNobodyAnswersIsAskedAgainSoonThenLessOften() {
        long now = 0;
        in.ask(1, 9, now);
        long waited = 0;
        for (int stream = 2; stream < 12; stream++) {
            long asked = now;
            while (!in.isToBeAsked(now)) {
                now += SECOND / 100;
            }
            assertThat(now - asked).isBetween(Math.max(waited, SECOND / 4), 15 * SECOND + SECOND / 100);
            waited = now - asked;
            in.ask(stream, 9, now);
        }
        assertThat(waited).isGreaterThanOrEqualTo(15 * SECOND);
    }

    private static SyncMessage.Changes changes(int number, long dropped) {
        return new SyncMessage.Changes(1, number, dropped, new byte[0], 0);
    }

    @Test
    void messagesAreReadAsWritten() {
        byte[] records = {1, 2, 3};
        assertThat(SyncMessage.decode(SyncMessage.request(5, 6))).contains(new SyncMessage.Request(5, 6));
        assertThat(SyncMessage.decode(SyncMessage.acknowledgement(5, 6, 7)))
                .contains(new SyncMessage.Acknowledgement(5, 6, 7));
        byte[] told = SyncMessage.changes(5, 6, 7, records);
        assertThat(SyncMessage.decode(told)).contains(new SyncMessage.Changes(5, 6, 7, told, told.length - 3));
        byte[] page = SyncMessage.page(5, 6, true, 1, records);
        assertThat(SyncMessage.decode(page)).contains(new SyncMessage.Page(5, 6, true, 1, page, page.length - 3));
        byte[] later = SyncMessage.request(5, 6);
        later[0]++;
        assertThat(SyncMessage.decode(later)).isEmpty();
    }

    @Test
    void anyBytesAreReadOrRefused() {
        Random random = new Random(1);
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = new byte[random.nextInt(40)];
            random.nextBytes(bytes);
            if (bytes.length > 1) {
                bytes[0] = SyncMessage.VERSION;
                bytes[1] = (byte) random.nextInt(6);
            }
            SyncMessage.decode(bytes).ifPresent(message -> {
                if (message instanceof SyncMessage.Changes changes) {
                    assertThat(changes.offset()).isLessThanOrEqualTo(bytes.length);
                }
            });
        }
    }
}
