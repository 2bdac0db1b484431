package org.halvs.ha.runtime;

import java.io.IOException;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.halvs.ha.cluster.ControlLoop;
import org.halvs.ha.control.Answer;
import org.halvs.ha.control.RequestHandler.Progress;
import org.halvs.ha.event.EventJson;
import org.halvs.ha.event.EventRecord;

/** {@code events}: the history of all nodes, and what happens while somebody looks. Each request works on the thread of its connection. */
final class EventsCommand {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss.SSS", Locale.ROOT).withZone(ZoneId.systemDefault());
    private static final int MOST_UNSEEN = 10_000;
    /** So often an empty part is sent, which finds out whether anybody still looks. */
    private static final long SIGN_OF_LIFE_SECONDS = 5;

    private static final int DEFAULT_LINES = 200;

    private final ControlLoop loop;
    private final EventSink events;

    EventsCommand(ControlLoop loop, EventSink events) {
        this.loop = loop;
        this.events = events;
    }

    /** What a request asks for: {@code -n N}, {@code --since MILLIS} since 1970, {@code --json}, {@code --follow}. */
    private record Wish(int most, Optional<Instant> since, boolean json, boolean follow) {
        static Wish of(List<String> words) {
            int most = DEFAULT_LINES;
            Optional<Instant> since = Optional.empty();
            for (int i = 0; i + 1 < words.size(); i++) {
                if (words.get(i).equals("-n")) {
                    most = Integer.parseInt(words.get(i + 1));
                } else if (words.get(i).equals("--since")) {
                    since = Optional.of(Instant.ofEpochMilli(Long.parseLong(words.get(i + 1))));
                }
            }
            return new Wish(most, since, words.contains("--json"), words.contains("--follow"));
        }

        String text(EventRecord event) {
            return (json ? EventJson.write(event) : line(event)) + "\n";
        }
    }

    /** {@code 2026-11-21 02:22:08.308 lb2 WARNING node lb1 is gone: ...}. */
    static String line(EventRecord event) {
        return "%s %s %-7s %s".formatted(TIME.format(event.time()), event.node(), event.severity(), event.text());
    }

    Answer events(List<String> words, Progress progress) throws IOException {
        Wish wish = Wish.of(words);
        if (wish.follow()) {
            follow(wish, progress);
        }
        return Answer.ok(text(
                wish,
                loop.ask(() -> events.history().latest(wish.most(), wish.since()))
                        .join()));
    }

    private static String text(Wish wish, List<EventRecord> latest) {
        StringBuilder text = new StringBuilder();
        latest.forEach(event -> text.append(wish.text(event)));
        return text.toString();
    }

    /** Ends when the asking command goes: writing to it fails then. */
    private void follow(Wish wish, Progress progress) throws IOException {
        BlockingQueue<EventRecord> unseen = new LinkedBlockingQueue<>(MOST_UNSEEN);
        Consumer<EventRecord> listener = unseen::offer;
        List<EventRecord> past = loop.ask(() -> {
                    events.onAny(listener);
                    return events.history().latest(wish.most(), wish.since());
                })
                .join();
        try {
            progress.print(text(wish, past));
            while (true) {
                EventRecord event = unseen.poll(SIGN_OF_LIFE_SECONDS, TimeUnit.SECONDS);
                progress.print(event == null ? "" : wish.text(event));
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } finally {
            loop.enqueue(() -> events.forget(listener));
        }
    }
}
