package org.halvs.ipvs;

import java.util.List;

/**
 * A part of a listing of connections. Connections that come and go between two pages may be missing or listed twice.
 *
 * @param next where the next page begins, or {@link #END}
 */
public record ConnectionPage(List<ConnectionEntry> entries, int next) {
    /** There are no more pages. */
    public static final int END = -1;

    public ConnectionPage {
        entries = List.copyOf(entries);
    }

    /** The page of a list that begins at {@code from} and has at most {@code most} entries. */
    public static ConnectionPage of(List<ConnectionEntry> all, int from, int most) {
        int start = Math.min(from, all.size());
        int end = (int) Math.min(all.size(), (long) start + most);
        return new ConnectionPage(all.subList(start, end), end == all.size() ? END : end);
    }
}
