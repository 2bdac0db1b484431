package org.halvs.check.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** A response comes in pieces, and where it was cut makes no difference. */
class HttpResponseTest {
    private static final long SEED = Long.getLong("halvs.fuzz.seed", 20261121);

    private static final List<String> PIECES = List.of(
            "HTTP/1.1 200 OK\r\n",
            "HTTP/1.1 100 Continue\r\n\r\n",
            "HTTP/1.0 302 Found\n",
            "Location: /elsewhere\r\n",
            "Content-Length: 5\r\n",
            "content-length:12\n",
            "Transfer-Encoding: gzip, chunked\r\n",
            "X: " + "y".repeat(300) + "\r\n",
            "\r\n",
            "\n",
            "5;x=y\r\nhello\r\n",
            "0\r\n\r\n",
            "hello",
            "\0\377");

    private static String read(byte[] answer, Random cuts, boolean head, boolean following) {
        try (HttpResponse response = new HttpResponse(head, following)) {
            byte[] room = new byte[answer.length + 1];
            boolean complete = false;
            for (int at = 0; at < answer.length && !complete; ) {
                int length = Math.min(answer.length - at, 1 + cuts.nextInt(cuts.nextBoolean() ? 3 : 100));
                System.arraycopy(answer, at, room, 0, length);
                complete = response.feed(room, length);
                Arrays.fill(room, (byte) '#');
                at += length;
            }
            if (!complete) {
                response.end();
            }
            return complete + " " + response.status() + " " + response.statusLine() + " " + response.location() + " "
                    + response.redirects() + " " + response.body().start(1000);
        } catch (IOException e) {
            return e.getClass().getSimpleName() + " " + e.getMessage();
        }
    }

    @Test
    void readsTheSameWhereverItIsCut() {
        Random random = new Random(SEED);
        for (int round = 0; round < 20_000; round++) {
            StringBuilder text = new StringBuilder();
            for (int pieces = random.nextInt(10); pieces >= 0; pieces--) {
                text.append(PIECES.get(text.isEmpty() && random.nextInt(8) > 0 ? 0 : random.nextInt(PIECES.size())));
            }
            byte[] answer = text.toString().getBytes(StandardCharsets.ISO_8859_1);
            boolean head = random.nextInt(6) == 0;
            boolean following = random.nextBoolean();
            Random whole = new Random() {
                @Override
                public int nextInt(int bound) {
                    return Integer.MAX_VALUE - 1;
                }
            };
            assertThat(read(answer, random, head, following))
                    .as("round " + round + " seed " + SEED + ": " + text)
                    .isEqualTo(read(answer, whole, head, following));
        }
    }

    @Test
    void leavesTheBodyOfARedirectThatIsFollowed() throws IOException {
        byte[] header = "HTTP/1.1 302 Found\r\nLocation: /x\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1);
        try (HttpResponse followed = new HttpResponse(false, true);
                HttpResponse last = new HttpResponse(false, false)) {
            assertThat(followed.feed(header, header.length)).isTrue();
            assertThat(followed.redirects()).isTrue();
            assertThat(last.feed(header, header.length)).isFalse();
        }
    }
}
