package org.halvs.ldirectord.daemon;

import java.util.Optional;

/**
 * Whether the configuration file has changed. Pure, confined to the control thread: it is told what the file looks like and remembers what it
 * looked like before.
 */
final class ConfigWatch {

    /** What a file looks like. */
    record Look(long modifiedMillis, long size, String digest) {}

    /** What a look at the file means. */
    enum Verdict {
        SAME,
        CHANGED,
        /** It is not there, and was at the look before. */
        VANISHED
    }

    private Optional<Look> last;
    private boolean missing;

    ConfigWatch(Optional<Look> first) {
        last = first;
        missing = first.isEmpty();
    }

    /** A file whose time or size differs, but not its content, has not changed. A file that comes back is judged by its content. */
    Verdict judge(Optional<Look> now) {
        if (now.isEmpty()) {
            boolean news = !missing;
            missing = true;
            return news ? Verdict.VANISHED : Verdict.SAME;
        }
        missing = false;
        boolean changed = last.filter(before -> before.digest().equals(now.get().digest()))
                .isEmpty();
        last = now;
        return changed ? Verdict.CHANGED : Verdict.SAME;
    }

}
