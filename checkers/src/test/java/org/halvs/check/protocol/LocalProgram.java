package org.halvs.check.protocol;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.halvs.check.CheckTarget;
import org.halvs.linux.IpAddress;

/** A real server that runs in the foreground for one test, on loopback, with all its files in a directory of the test. */
final class LocalProgram implements AutoCloseable {
    private static final List<String> PLACES = List.of("/usr/sbin", "/usr/bin", "/sbin", "/bin", "/usr/local/bin");

    private final Process process;
    private final Path output;

    private LocalProgram(Process process, Path output) {
        this.process = process;
        this.output = output;
    }

    /** The path of an installed program; a test that needs it is skipped, and says so, where it is missing. */
    static String need(String name, String debianPackage) {
        for (String place : PLACES) {
            if (Files.isExecutable(Path.of(place, name))) {
                return place + "/" + name;
            }
        }
        assumeTrue(false, name + " is not installed (Debian package " + debianPackage + ")");
        return name;
    }

    static void needRoot() {
        assumeTrue(ProcessHandle.current().info().user().orElse("").equals("root"), "this server needs root");
    }

    static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    static CheckTarget at(int port) {
        return new CheckTarget(IpAddress.of("127.0.0.1"), port);
    }

    static LocalProgram start(Path directory, String... command) throws IOException {
        Path output = Files.createTempFile(directory, "output", ".log");
        Process process = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        return new LocalProgram(process, output);
    }

    /** Runs a program to its end. */
    static void run(Path directory, String... command) throws IOException, InterruptedException {
        Path output = Files.createTempFile(directory, "run", ".log");
        Process process = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
            process.destroyForcibly();
            throw new IllegalStateException(Arrays.toString(command) + ":\n" + Files.readString(output));
        }
    }

    /** Waits until something accepts TCP connections on {@code port}. */
    LocalProgram awaitPort(int port) throws IOException, InterruptedException {
        for (int i = 0; i < 600; i++) {
            try (Socket socket = new Socket()) {
                socket.connect(new InetSocketAddress(at(port).address().toInetAddress(), port), 200);
                return this;
            } catch (IOException e) {
                if (!process.isAlive()) {
                    break;
                }
                Thread.sleep(50);
            }
        }
        throw new IllegalStateException("no server on port " + port + ":\n" + output());
    }

    String output() throws IOException {
        return Files.readString(output, StandardCharsets.ISO_8859_1);
    }

    /** A self-signed certificate of somebody else in {@code cert.pem} and its key in {@code key.pem}. */
    static void makeCertificate(Path directory) throws IOException, InterruptedException {
        run(
                directory,
                need("openssl", "openssl"),
                "req",
                "-x509",
                "-newkey",
                "rsa:2048",
                "-nodes",
                "-days",
                "2",
                "-subj",
                "/CN=somebody.else.test",
                "-keyout",
                "key.pem",
                "-out",
                "cert.pem");
    }

    /** Lets servers that give up root still read the directory. */
    static void openToAll(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.toList()) {
                Files.setPosixFilePermissions(
                        file, PosixFilePermissions.fromString(Files.isDirectory(file) ? "rwxrwxrwx" : "rw-rw-rw-"));
            }
        }
    }

    @Override
    public void close() {
        List<ProcessHandle> all;
        try (Stream<ProcessHandle> descendants = process.descendants()) {
            all = Stream.concat(Stream.of(process.toHandle()), descendants).toList();
        }
        process.destroy();
        try {
            if (!process.waitFor(5, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        all.forEach(ProcessHandle::destroyForcibly);
    }
}
