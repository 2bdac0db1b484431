package org.halvs.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.util.concurrent.atomic.AtomicBoolean;
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
            AtomicBoolean begun = new AtomicBoolean();
            Thread owner = Thread.ofPlatform().start(() -> {
                begun.set(true);
                poll.close();
            });
            while (!begun.get()) {
                Thread.onSpinWait();
            }
            for (int wake = 0; wake < 50; wake++) {
                assertThatCode(poll::wake).doesNotThrowAnyException();
            }
            owner.join();
        }
    }
}
