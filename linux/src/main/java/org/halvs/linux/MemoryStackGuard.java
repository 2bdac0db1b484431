package org.halvs.linux;

import java.util.List;

/** A {@link StackGuard} that only remembers what it was told, for tests without a kernel. Confined to one thread at a time. */
public final class MemoryStackGuard implements StackGuard {
    private List<Served> served = List.of();
    private List<Translated> translated = List.of();
    private boolean present;

    @Override
    public void withhold(List<Served> newServed, List<Translated> newTranslated) {
        served = List.copyOf(newServed);
        translated = List.copyOf(newTranslated);
        present = true;
    }

    @Override
    public void remove() {
        served = List.of();
        translated = List.of();
        present = false;
    }

    public List<Served> served() {
        return served;
    }

    public List<Translated> translated() {
        return translated;
    }

    /** Whether anything would have to be removed. */
    public boolean present() {
        return present;
    }

    @Override
    public void close() {}
}
