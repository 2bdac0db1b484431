package org.halvs.resource.builtin;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.halvs.linux.PortBlock;
import org.jspecify.annotations.Nullable;

/** The ports all {@code portblock} resources of this node block together. Thread-safe. Opens nf_tables when first needed. */
public final class PortBlocks implements AutoCloseable {
    private final Supplier<PortBlock> opener;
    private final Set<PortBlock.Blocked> blocked = new LinkedHashSet<>();
    private @Nullable PortBlock table;

    /** @param opener {@link PortBlock#open} */
    public PortBlocks(Supplier<PortBlock> opener) {
        this.opener = opener;
    }

    /**
     * Blocks or opens ports.
     *
     * @throws org.halvs.linux.LinuxException when the kernel refuses; nothing has changed then
     */
    synchronized void change(List<PortBlock.Blocked> ports, boolean block) {
        Set<PortBlock.Blocked> wanted = new LinkedHashSet<>(blocked);
        boolean changed = block ? wanted.addAll(ports) : wanted.removeAll(Set.copyOf(ports));
        if (!changed) {
            return;
        }
        if (table == null) {
            table = opener.get();
        }
        table.drop(wanted);
        blocked.clear();
        blocked.addAll(wanted);
    }

    @Override
    public synchronized void close() {
        if (table != null) {
            table.close();
        }
    }
}
