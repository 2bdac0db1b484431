package org.halvs.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class WakeUpTest {
    /** The number of a closed descriptor is the next one the kernel gives out. */
    @Test
    void oneThatComesTooLateWakesNobodyElse() {
        SocketPoll closed = new SocketPoll();
        closed.close();
        try (SocketPoll other = new SocketPoll()) {
            closed.wake();
            assertThat(other.await(0)).isFalse();
            other.wake();
            assertThat(other.await(0)).isTrue();
        }
    }

    @Test
    void oneMayComeWhileTheOwnerCloses() throws InterruptedException {
        for (int i = 0; i < 200; i++) {
            SocketPoll poll = new SocketPoll();
            CountDownLatch both = new CountDownLatch(2);
            Thread owner = Thread.ofPlatform().start(() -> {
                both.countDown();
                poll.close();
            });
            both.countDown();
            assertThatCode(poll::wake).doesNotThrowAnyException();
            owner.join();
        }
    }
}
