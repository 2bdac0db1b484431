package org.halvs.resource.address;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.halvs.linux.IpAddress;

/**
 * The addresses this host holds or is about to, in a small file, so that they can be taken off after the daemon was
 * killed. Written before an address is added and after it is removed: what is new by one write at its end, because somebody
 * waits for the address, and anything else as a whole, by a rename, so that a reader never sees half of it. Thread-safe.
 *
 * <p>The file stands in the run directory, which a restart of the host empties like its addresses; therefore nothing is
 * synced to a disk.
 */
public final class AddressJournal {
    private static final System.Logger LOG = System.getLogger(AddressJournal.class.getName());
    private static final String HEADER =
            "# Floating addresses held by the HALVS daemon. \"halvs cleanup\" takes them off when it is gone.\n";

    private final Path file;
    private final Map<IpAddress, Entry> entries = new LinkedHashMap<>();
    /** Whether the file says what {@link #entries} does, so that it can be added to. It does so too when there is none and nothing to say. */
    private boolean written = true;

    /**
     * One address.
     *
     * @param loopbackCopy the host had the address on its loopback and is to have it there again
     * @param loopbackLabel the label of that copy, where it had one
     */
    public record Entry(FloatingAddress address, boolean loopbackCopy, Optional<String> loopbackLabel) {}

    private AddressJournal(Path file) {
        this.file = file;
    }

    /**
     * Opens the journal with what stands in it.
     *
     * @param file need not exist; its directory must
     * @throws UncheckedIOException when it can't be read
     */
    public static AddressJournal open(Path file) {
        AddressJournal journal = new AddressJournal(file);
        try {
            for (String line : Files.readAllLines(file, StandardCharsets.UTF_8)) {
                if (!line.isBlank() && !line.startsWith("#")) {
                    journal.read(line);
                }
            }
        } catch (NoSuchFileException _) {
            // nothing was ever held
        } catch (IOException e) {
            throw new UncheckedIOException("reading " + file, e);
        }
        return journal;
    }

    private void read(String line) {
        Optional<Entry> entry = JournalLine.parse(line);
        if (entry.isPresent()) {
            entries.put(entry.get().address().address(), entry.get());
        } else {
            written = false; // by the next change it is rewritten without that
            LOG.log(Level.WARNING, "{0}: a line that is not of this program is ignored: {1}", file, line);
        }
    }

    /** What stands in the journal, in the order in which it was added. */
    public synchronized List<Entry> entries() {
        return List.copyOf(entries.values());
    }

    public synchronized Optional<Entry> entry(IpAddress address) {
        return Optional.ofNullable(entries.get(address));
    }

    /**
     * Notes addresses, before they are added. One that is noted already keeps its loopback copy.
     *
     * @throws UncheckedIOException when the file can't be written; this instance knows the addresses nevertheless
     */
    public synchronized void note(List<Entry> added) {
        Map<IpAddress, Entry> next = new LinkedHashMap<>(entries);
        for (Entry entry : added) {
            next.merge(
                    entry.address().address(),
                    entry,
                    (before, now) -> now.loopbackCopy()
                            ? now
                            : new Entry(now.address(), before.loopbackCopy(), before.loopbackLabel()));
        }
        List<Entry> all = List.copyOf(next.values());
        if (written && all.subList(0, entries.size()).equals(List.copyOf(entries.values()))) {
            append(all.subList(entries.size(), all.size()));
        } else {
            replace(next);
        }
    }

    private void append(List<Entry> added) {
        if (added.isEmpty()) {
            return;
        }
        StringBuilder text = new StringBuilder(Files.exists(file) ? "" : HEADER);
        for (Entry entry : added) {
            entries.put(entry.address().address(), entry);
            text.append(JournalLine.format(entry)).append('\n');
        }
        try {
            written = false;
            Files.writeString(file, text, StandardCharsets.UTF_8, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
            written = true;
        } catch (IOException e) {
            throw new UncheckedIOException("writing " + file, e);
        }
    }

    /**
     * Forgets addresses, after they were removed.
     *
     * @throws UncheckedIOException when the file can't be written; this instance has forgotten the addresses
     *     nevertheless
     */
    public synchronized void forget(Collection<IpAddress> removed) {
        Map<IpAddress, Entry> next = new LinkedHashMap<>(entries);
        next.keySet().removeAll(List.copyOf(removed));
        replace(next);
    }

    private void replace(Map<IpAddress, Entry> next) {
        if (next.equals(entries)) {
            return;
        }
        written = false;
        entries.clear();
        entries.putAll(next);
        StringBuilder text = new StringBuilder(HEADER);
        next.values().forEach(entry -> text.append(JournalLine.format(entry)).append('\n'));
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        try {
            Files.writeString(fresh, text, StandardCharsets.UTF_8);
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            written = true;
        } catch (IOException e) {
            throw new UncheckedIOException("writing " + file, e);
        }
    }
}
