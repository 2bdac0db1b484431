package org.halvs.ha.event;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The history of events on disk: lines of JSON in {@code events.jsonl}, and in {@code events.jsonl.1} and so on those before them. Each event is one
 * write, so that a crash tears the last line at most; a torn line is skipped when the files are read, and ended before anything is appended.
 * Confined to one thread.
 */
public final class EventFiles implements AutoCloseable {
    private static final String NAME = "events.jsonl";

    private final Path directory;
    private final long mostBytes;
    private final int older;
    private @Nullable FileChannel channel;
    private long size;

    /**
     * @param mostBytes a file that is longer is put away and a new one begun
     * @param older how many of those that were put away are kept, 0 or more
     */
    public EventFiles(Path directory, long mostBytes, int older) {
        this.directory = directory;
        this.mostBytes = mostBytes;
        this.older = older;
    }

    /** Everything that can be read, oldest first. A file that is missing or broken is as one that has nothing. */
    public List<EventRecord> read() {
        List<EventRecord> events = new ArrayList<>();
        for (int number = older; number >= 0; number--) {
            try {
                new String(Files.readAllBytes(file(number)), StandardCharsets.UTF_8)
                        .lines()
                        .forEach(line -> EventJson.read(line).ifPresent(events::add));
            } catch (IOException _) {
                // not there, or not readable: the rest of the history is worth having all the same
            }
        }
        return events;
    }

    /**
     * Appends an event.
     *
     * @throws IOException when the disk does not take it
     */
    public void append(EventRecord event) throws IOException {
        FileChannel open = channel();
        byte[] line = (EventJson.write(event) + "\n").getBytes(StandardCharsets.UTF_8);
        ByteBuffer buffer = ByteBuffer.wrap(line);
        while (buffer.hasRemaining()) {
            open.write(buffer);
        }
        size += line.length;
        if (size > mostBytes) {
            close();
            putAway();
        }
    }

    private FileChannel channel() throws IOException {
        if (channel != null) {
            return channel;
        }
        FileChannel opened =
                FileChannel.open(file(0), StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        size = opened.size();
        ByteBuffer last = ByteBuffer.allocate(1);
        boolean torn = size > 0 && opened.read(last, size - 1) == 1 && last.get(0) != '\n';
        opened.position(size);
        if (torn) {
            opened.write(ByteBuffer.wrap(new byte[] {'\n'}));
            size++;
        }
        channel = opened;
        return opened;
    }

    private void putAway() throws IOException {
        for (int number = older; number > 0; number--) {
            if (Files.exists(file(number - 1))) {
                Files.move(file(number - 1), file(number), StandardCopyOption.REPLACE_EXISTING);
            }
        }
        if (older == 0) {
            Files.deleteIfExists(file(0));
        }
    }

    private Path file(int number) {
        return directory.resolve(number == 0 ? NAME : NAME + "." + number);
    }

    @Override
    public void close() throws IOException {
        if (channel != null) {
            channel.close();
            channel = null;
        }
    }
}
