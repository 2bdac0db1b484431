package org.halvs.ha.config;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** Where a node keeps {@link NodeChanges} over a restart: {@code nodes} among its state. Thread-safe as long as one thread writes. */
public final class NodeChangesFile {
    private static final System.Logger LOG = System.getLogger(NodeChangesFile.class.getName());

    private final Path file;
    private volatile NodeChanges current;

    private NodeChangesFile(Path file, NodeChanges current) {
        this.file = file;
        this.current = current;
    }

    /** Reads what was kept; nothing when there is nothing, or when it can't be read, which is logged. */
    public static NodeChangesFile open(Path state) {
        Path file = state.resolve("nodes");
        NodeChanges kept = NodeChanges.NONE;
        try {
            kept = NodeChanges.parse(Files.readString(file)).orElse(NodeChanges.NONE);
        } catch (NoSuchFileException _) {
            // nobody has added or deleted a node
        } catch (IOException e) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "what hb_addnode and hb_delnode changed can''t be read: {0}",
                    e.toString());
        }
        return new NodeChangesFile(file, kept);
    }

    /** Where it is. */
    public Path path() {
        return file;
    }

    /** What holds. */
    public NodeChanges current() {
        return current;
    }

    /**
     * Keeps other changes, whole or not at all.
     *
     * @throws IOException when they can't be written; then the former ones hold
     */
    public void replace(NodeChanges changed) throws IOException {
        Path fresh = file.resolveSibling("nodes.new");
        Files.createDirectories(file.toAbsolutePath().getParent());
        Files.write(fresh, changed.text().getBytes(StandardCharsets.UTF_8));
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        current = changed;
    }
}
