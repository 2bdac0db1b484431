package org.halvs.linux;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;

/**
 * Two fresh network namespaces, {@code here} and {@code there}, joined by a veth pair: {@code eth0} on both sides, up,
 * loopback up.
 */
final class TestNetwork implements AutoCloseable {
    final String here;
    final String there;

    private TestNetwork(String suffix) {
        this.here = "hlx-a-" + suffix;
        this.there = "hlx-b-" + suffix;
    }

    static TestNetwork create() {
        assumeTrue(
                "root".equals(System.getProperty("user.name")),
                "skipped: network namespaces need root, which this is not");
        String suffix = ProcessHandle.current().pid() + "-" + Long.toString(System.nanoTime() % 1_000_000_000, 36);
        TestNetwork network = new TestNetwork(suffix);
        try {
            network.ip("netns add " + network.here);
            network.ip("netns add " + network.there);
            network.ip("-n " + network.here + " link add eth0 type veth peer name eth0 netns " + network.there);
            for (String name : List.of(network.here, network.there)) {
                network.ip("-n " + name + " link set lo up");
                network.ip("-n " + name + " link set eth0 up");
            }
            return network;
        } catch (RuntimeException e) {
            network.close();
            throw e;
        }
    }

    /** Runs {@code ip} with the words of {@code arguments} and answers what it printed. */
    String ip(String arguments) {
        List<String> command = new ArrayList<>(List.of("ip"));
        command.addAll(List.of(arguments.split(" ")));
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new IllegalStateException(command + ": " + output);
            }
            return output;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    String ipHere(String arguments) {
        return ip("-n " + here + " " + arguments);
    }

    String ipThere(String arguments) {
        return ip("-n " + there + " " + arguments);
    }

    <T> T inHere(Callable<T> code) {
        return in(here, code);
    }

    <T> T inThere(Callable<T> code) {
        return in(there, code);
    }

    private static <T> T in(String name, Callable<T> code) {
        try (NetworkNamespace namespace = NetworkNamespace.open(name)) {
            return namespace.call(code);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        for (String name : List.of(here, there)) {
            try {
                ip("netns del " + name);
            } catch (IllegalStateException _) {
                // it was never made, or is gone
            }
        }
    }
}
