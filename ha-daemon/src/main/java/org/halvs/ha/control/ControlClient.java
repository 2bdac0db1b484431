package org.halvs.ha.control;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;

/** Asks the daemon of a run directory. */
public final class ControlClient {
    private final Path socket;

    /**
     * @param run the run directory of the daemon
     */
    public ControlClient(Path run) {
        this.socket = run.resolve(ControlServer.SOCKET);
    }

    /**
     * Sends one request and waits for its answer as long as the daemon works on it.
     *
     * @return empty when no daemon listens there
     * @throws IOException when the daemon ends in the middle of it, or its answer can't be read
     */
    public Optional<Answer> ask(Request request) throws IOException {
        StringBuilder parts = new StringBuilder();
        return ask(request, parts::append)
                .map(answer -> new Answer(parts + answer.output(), answer.error(), answer.exit()));
    }

    /**
     * As {@link #ask(Request)}, for an answer that takes its time.
     *
     * @param parts gets what the daemon has to say before it is done; called by this thread
     */
    public Optional<Answer> ask(Request request, Consumer<String> parts) throws IOException {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            if (!connects(channel)) {
                return Optional.empty();
            }
            Writer out = Channels.newWriter(channel, StandardCharsets.UTF_8);
            Wire.write(out, request);
            return Optional.of(
                    Wire.readAnswer(new BufferedReader(Channels.newReader(channel, StandardCharsets.UTF_8)), parts));
        }
    }

    private boolean connects(SocketChannel channel) {
        try {
            return channel.connect(UnixDomainSocketAddress.of(socket));
        } catch (IOException _) {
            return false; // no such file, or nobody behind it
        }
    }

    /** What to tell somebody whose daemon does not answer. */
    public String absent() {
        return "no HALVS daemon answers at " + socket + "; is it running? (systemctl status halvs)";
    }
}
