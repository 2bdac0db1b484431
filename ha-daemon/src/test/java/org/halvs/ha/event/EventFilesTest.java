package org.halvs.ha.event;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The history of events: on disk, in memory, between nodes. */
class EventFilesTest {
    private static final Instant TIME = Instant.parse("2026-11-21T02:22:08.308Z");

    @TempDir
    private Path directory = Path.of("");

    private static EventRecord event(String node, long id) {
        return EventRecord.of(
                node,
                id,
                TIME.plusMillis(id),
                new DomainEvent.LateHeartbeat("bob \"ü\"\n", Duration.ofMillis(6010), Duration.ofSeconds(10)));
    }

    private static List<EventRecord> events(String node, long from, long to) {
        return LongStream.rangeClosed(from, to).mapToObj(id -> event(node, id)).toList();
    }

    private void write(EventFiles files, List<EventRecord> events) throws IOException {
        for (EventRecord event : events) {
            files.append(event);
        }
        files.close();
    }

    @Test
    void anyKindOfEventComesBackWithItsParts() {
        EventRecord event = EventRecord.of(
                "alice",
                7,
                TIME,
                new DomainEvent.MembershipChanged(List.of("alice"), List.of(), List.of("bob"), false));
        assertThat(EventJson.read(EventJson.write(event))).contains(event);
        assertThat(event.details()).containsEntry("left", List.of("bob")).containsEntry("merge", false);
        assertThat(event.kind()).isEqualTo("MembershipChanged");
    }

    @Test
    void whatWasWrittenIsReadAgain() throws IOException {
        EventFiles files = new EventFiles(directory, 1 << 20, 2);
        assertThat(files.read()).isEmpty();
        write(files, events("alice", 1, 3));
        write(new EventFiles(directory, 1 << 20, 2), events("bob", 1, 1));
        assertThat(new EventFiles(directory, 1 << 20, 2).read())
                .containsExactly(event("alice", 1), event("alice", 2), event("alice", 3), event("bob", 1));
    }

    @Test
    void aTornLastLineCostsThatLineOnly() throws IOException {
        write(new EventFiles(directory, 1 << 20, 0), events("alice", 1, 2));
        Path file = directory.resolve("events.jsonl");
        Files.writeString(file, "{\"time\":\"2026-1", StandardOpenOption.APPEND);
        write(new EventFiles(directory, 1 << 20, 0), events("alice", 3, 3));
        Files.write(file, new byte[] {0, 0, (byte) 0xff, '\n'}, StandardOpenOption.APPEND);
        assertThat(new EventFiles(directory, 1 << 20, 0).read())
                .containsExactly(event("alice", 1), event("alice", 2), event("alice", 3));
    }

    @Test
    void filesAreBoundedInSizeAndNumber() throws IOException {
        int line = EventJson.write(event("alice", 1000)).length() + 1;
        EventFiles files = new EventFiles(directory, 10L * line, 2);
        write(files, events("alice", 1000, 1099));
        List<EventRecord> kept = files.read();
        assertThat(kept).hasSizeBetween(20, 40).endsWith(event("alice", 1099));
        assertThat(kept).isEqualTo(events("alice", 1100 - kept.size(), 1099));
        try (var all = Files.list(directory)) {
            assertThat(all.count()).isLessThanOrEqualTo(3);
        }
    }

    @Test
    void memoryMergesNodesByTimeAndTakesEachEventOnce() {
        EventLog log = new EventLog(3);
        assertThat(log.add(event("bob", 5))).isTrue();
        assertThat(log.add(event("alice", 4))).isTrue();
        assertThat(log.add(event("bob", 3))).as("told late").isTrue();
        assertThat(log.add(event("bob", 5))).as("told twice").isFalse();
        assertThat(log.latest(10, Optional.empty()))
                .containsExactly(event("bob", 3), event("alice", 4), event("bob", 5));
        assertThat(log.latest(2, Optional.empty())).containsExactly(event("alice", 4), event("bob", 5));
        assertThat(log.latest(10, Optional.of(TIME.plusMillis(5)))).containsExactly(event("bob", 5));
        events("bob", 6, 9).forEach(log::add);
        assertThat(log.after("bob", 0, 10)).isEqualTo(events("bob", 7, 9));
        assertThat(log.add(event("bob", 2))).as("older than all that are kept").isFalse();
        assertThat(log.latestId("bob")).isEqualTo(9);
        assertThat(log.latestId("carol")).isZero();
    }

    @Test
    void messagesCarryEventsAndNothingElse() {
        List<EventRecord> many = events("alice", 1, 3000);
        List<byte[]> messages = EventMessage.encode(many);
        assertThat(messages).hasSizeGreaterThan(1).allMatch(message -> message.length <= EventMessage.MOST_BYTES + 2);
        assertThat(messages.stream()
                        .map(message ->
                                (EventMessage.Told) EventMessage.decode(message).orElseThrow())
                        .flatMap(told -> told.events().stream()))
                .isEqualTo(many);
        assertThat(EventMessage.decode(EventMessage.encode(new EventMessage.Wanted(42))))
                .contains(new EventMessage.Wanted(42));
        assertThat(EventMessage.decode(new byte[0])).isEmpty();
        assertThat(EventMessage.decode(new byte[] {1, 2, 0})).isEmpty();
        assertThat(EventMessage.decode(new byte[] {9, 1})).isEmpty();
        assertThat(EventMessage.decode(new byte[] {1, 1, 'x', '\n', '{'})).contains(new EventMessage.Told(List.of()));
    }
}
