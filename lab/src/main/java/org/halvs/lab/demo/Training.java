package org.halvs.lab.demo;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.halvs.lab.Director;
import org.halvs.lab.DirectorPair;
import org.halvs.lab.Lab;
import org.halvs.lab.LabException;

/**
 * Runs a pair of directors through what happens to them, and has the Java machine of one note what code that took: its cache (JEP 483, JEP 515) lets the daemon
 * start in half of the time, and its first takeover find its code compiled soon.
 */
public final class Training {
    private static final int LIMIT_MILLIS = 60_000;
    /** The cache is put together when the daemon ends. */
    private static final int ASSEMBLY_MILLIS = 120_000;

    private static final int SWITCHES = 3;
    private static final int REQUESTS = 50;

    private Training() {}

    /** Arguments: the distribution, and the file of the cache. Exit status 0 when that file is there afterwards. */
    public static void main(String[] arguments) {
        var missing = Lab.missing();
        if (missing.isPresent()) {
            System.err.println("training: left out, " + missing.get());
            System.exit(2);
        }
        Path cache = Path.of(arguments[1]).toAbsolutePath();
        try (DirectorPair pair = DirectorPair.open(Path.of(arguments[0]).toAbsolutePath())) {
            train(pair, cache);
        } catch (LabException e) {
            System.err.println("training: " + e.getMessage());
        }
        System.exit(Files.exists(cache) ? 0 : 1);
    }

    private static void train(DirectorPair pair, Path cache) {
        RecipeFiles.install(pair);
        pair.lb1().start("-XX:AOTCacheOutput=" + cache);
        pair.lb2().start();
        owned(pair, pair.lb1());
        for (int i = 0; i < SWITCHES; i++) {
            pair.requests(REQUESTS);
            pair.lb1().halvs("standby");
            owned(pair, pair.lb2());
            pair.lb1().halvs("takeover");
            owned(pair, pair.lb1());
        }
        pair.lb1().halvs("standby");
        owned(pair, pair.lb2());
        pair.lb2().kill();
        owned(pair, pair.lb1());
        pair.requests(REQUESTS);
        pair.lb1().daemon().signal("TERM");
        Lab.eventually(ASSEMBLY_MILLIS, () -> !pair.lb1().daemon().alive());
    }

    private static void owned(DirectorPair pair, Director director) {
        if (!Lab.eventually(LIMIT_MILLIS, () -> pair.owners().equals(List.of(director)))) {
            throw new LabException(director.host().name() + " does not get the address; it said:\n" + director.log());
        }
    }
}
