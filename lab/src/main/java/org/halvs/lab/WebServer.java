package org.halvs.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A real HTTP server on a host of a lab: the JDK's {@code jwebserver}, which answers every request with the host's name. */
public final class WebServer {
    private static final long START_LIMIT_NANOS = 15_000_000_000L;

    private final Host host;
    private final int port;
    private Running running;

    private WebServer(Host host, int port, Running running) {
        this.host = host;
        this.port = port;
        this.running = running;
    }

    /** Starts a server on all addresses of the host and waits until it answers. */
    public static WebServer start(Host host, int port) {
        try {
            Path folder = Files.createDirectories(host.folder().resolve("www"));
            Files.writeString(folder.resolve("index.html"), host.name() + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new WebServer(host, port, launch(host, port));
    }

    private static Running launch(Host host, int port) {
        Path program = Path.of(System.getProperty("java.home"), "bin", "jwebserver");
        Running running = host.start(
                "web.log",
                List.of(
                        program.toString(),
                        "-J-Xmx32m",
                        "-J-XX:+UseSerialGC",
                        "-J-XX:TieredStopAtLevel=1",
                        "-b",
                        "0.0.0.0",
                        "-p",
                        Integer.toString(port),
                        "-d",
                        host.folder().resolve("www").toString()));
        long deadline = System.nanoTime() + START_LIMIT_NANOS;
        while (!running.output().contains("URL http://")) {
            if (!running.alive() || System.nanoTime() - deadline > 0) {
                throw new LabException("jwebserver on " + host.name() + " did not start: " + running.output());
            }
            Lab.pause(20);
        }
        return running;
    }

    public Host host() {
        return host;
    }

    /** Ends the server; its port answers with RST from now on. */
    public void stop() {
        running.kill();
    }

    /** Starts it again after {@link #stop}. */
    public void restart() {
        running = launch(host, port);
    }

    /** How many requests it has answered to {@code client} since the lab began, by its own log. */
    public long requestsFrom(String client) {
        return running.output()
                .lines()
                .filter(line -> line.startsWith(client + " "))
                .count();
    }
}
