package org.halvs.ipvs.admin;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.halvs.ipvs.ForwardingTable;
import org.halvs.ipvs.Timeouts;
import org.halvs.linux.IpAddress;

/**
 * A file of rules edited with ipvsadm's commands while no director runs. Each change replaces the file as a whole; nothing but the table is
 * kept. There is no traffic, so all figures are zero. Confined to one thread.
 */
public final class RulesFileBackend implements AdminBackend {
    private final Path file;
    private final NameService names;
    private ForwardingTable table;
    private Timeouts timeouts = Timeouts.DEFAULT;

    private RulesFileBackend(Path file, NameService names, ForwardingTable table) {
        this.file = file;
        this.names = names;
        this.table = table;
    }

    /**
     * Opens a file of rules; one that is not there is an empty table and comes into being with the first change.
     *
     * @throws IOException when the file can't be read, or a line of it can't be followed; the message names file, line and reason
     */
    public static RulesFileBackend open(Path file, NameService names) throws IOException {
        String text = Files.exists(file) ? Files.readString(file) : "";
        RuleReader.Rules rules = RuleReader.read(text, names);
        if (!rules.problems().isEmpty()) {
            throw new IOException(file + ":" + String.join("\n" + file + ":", rules.problems()));
        }
        return new RulesFileBackend(file, names, rules.table());
    }

    @Override
    public ForwardingTable table() {
        return table;
    }

    @Override
    public void apply(ForwardingTable newTable) {
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        try {
            Files.writeString(fresh, RuleWriter.complete(newTable, names), StandardCharsets.UTF_8);
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException("the rules can't be written to " + file, e);
        }
        this.table = newTable;
    }

    @Override
    public boolean usableAsServer(IpAddress address) {
        return MemoryBackend.isUnicast(address);
    }

    @Override
    public Timeouts timeouts() {
        return timeouts;
    }

    @Override
    public void changeTimeouts(Timeouts newTimeouts) {
        this.timeouts = newTimeouts;
    }
}
