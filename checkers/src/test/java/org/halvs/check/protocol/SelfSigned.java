package org.halvs.check.protocol;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;

/** A server's key with a certificate nobody has signed but itself, from the JDK's keytool. */
final class SelfSigned {
    private static final String PASSWORD = "changeit";

    private final SSLContext context;

    private SelfSigned(SSLContext context) {
        this.context = context;
    }

    /** Makes one in {@code directory}. */
    static SelfSigned in(Path directory) throws IOException, InterruptedException, GeneralSecurityException {
        Path store = directory.resolve("self-signed.p12");
        List<String> command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                "server",
                "-keyalg",
                "EC",
                "-dname",
                "CN=real.example.test",
                "-keystore",
                store.toString(),
                "-storepass",
                PASSWORD);
        Process keytool = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("keytool.log").toFile())
                .start();
        if (keytool.waitFor() != 0) {
            throw new IOException(Files.readString(directory.resolve("keytool.log")));
        }
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            keys.load(in, PASSWORD.toCharArray());
        }
        KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(keys, PASSWORD.toCharArray());
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(managers.getKeyManagers(), null, null);
        return new SelfSigned(context);
    }

    /** A bound socket on loopback that shows the certificate. */
    SSLServerSocket listen() throws IOException {
        return (SSLServerSocket) context.getServerSocketFactory()
                .createServerSocket(0, 200, InetAddress.getByAddress(new byte[] {127, 0, 0, 1}));
    }
}
