package org.halvs.check.protocol;

import java.io.IOException;
import java.io.InputStream;
import java.lang.System.Logger.Level;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateFactory;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/** Verifies the certificates of servers as the Java runtime does, and says what is wrong in words an administrator can act on. Thread-safe. */
final class CertificateVerifier extends X509ExtendedTrustManager {
    private static final System.Logger LOGGER = System.getLogger(CertificateVerifier.class.getName());

    /** Where RHEL and Debian keep the authorities an administrator added with their tools. */
    private static final List<Path> OF_THE_SYSTEM =
            List.of(Path.of("/etc/pki/tls/certs/ca-bundle.crt"), Path.of("/etc/ssl/certs/ca-certificates.crt"));

    private static final DateTimeFormatter DAY =
            DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm 'UTC'").withZone(ZoneOffset.UTC);

    private final X509ExtendedTrustManager runtime;

    private CertificateVerifier(X509ExtendedTrustManager runtime) {
        this.runtime = runtime;
    }

    /**
     * Trusts the authorities of {@code file}; those of the system without one, and the Java runtime's where the system has none.
     *
     * @throws IllegalArgumentException when {@code file} has no certificates
     */
    static CertificateVerifier trusting(Optional<Path> file) {
        if (file.isPresent()) {
            try {
                return new CertificateVerifier(manager(authorities(file.get())));
            } catch (IOException | GeneralSecurityException e) {
                throw new IllegalArgumentException(file.get() + " has no certificates: " + e.getMessage(), e);
            }
        }
        try {
            for (Path path : OF_THE_SYSTEM) {
                if (Files.isReadable(path)) {
                    return new CertificateVerifier(manager(authorities(path)));
                }
            }
        } catch (IOException | GeneralSecurityException e) {
            LOGGER.log(Level.WARNING, "the authorities of the system can't be read, those of Java count: " + e);
        }
        try {
            return new CertificateVerifier(manager(null));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java runtime has no TLS", e);
        }
    }

    private static KeyStore authorities(Path file) throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        int count = 0;
        try (InputStream in = Files.newInputStream(file)) {
            for (Certificate each : CertificateFactory.getInstance("X.509").generateCertificates(in)) {
                store.setCertificateEntry("authority" + count, each);
                count++;
            }
        }
        if (count == 0) {
            throw new CertificateException("none in it");
        }
        return store;
    }

    private static X509ExtendedTrustManager manager(@Nullable KeyStore store) throws GeneralSecurityException {
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        for (TrustManager each : factory.getTrustManagers()) {
            if (each instanceof X509ExtendedTrustManager extended) {
                return extended;
            }
        }
        throw new GeneralSecurityException("no trust manager for X.509");
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        checkTime(chain);
        try {
            runtime.checkServerTrusted(chain, authType, socket);
        } catch (CertificateException e) {
            String host =
                    socket instanceof SSLSocket tls ? tls.getHandshakeSession().getPeerHost() : "the server";
            throw new CertificateException(reason(chain, e, host), e);
        }
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        checkTime(chain);
        try {
            runtime.checkServerTrusted(chain, authType, engine);
        } catch (CertificateException e) {
            throw new CertificateException(reason(chain, e, engine.getPeerHost()), e);
        }
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        checkTime(chain);
        runtime.checkServerTrusted(chain, authType);
    }

    /** The runtime does not look at the time of a certificate that is trusted itself. */
    private static void checkTime(X509Certificate[] chain) throws CertificateException {
        for (X509Certificate certificate : chain) {
            try {
                certificate.checkValidity();
            } catch (CertificateExpiredException e) {
                throw new CertificateException(
                        "expired: certificate of " + subject(certificate) + " held until "
                                + DAY.format(certificate.getNotAfter().toInstant()),
                        e);
            } catch (CertificateNotYetValidException e) {
                throw new CertificateException(
                        "not valid yet: certificate of " + subject(certificate) + " holds from "
                                + DAY.format(certificate.getNotBefore().toInstant()),
                        e);
            }
        }
    }

    private static String reason(X509Certificate[] chain, CertificateException problem, String host) {
        String text = String.valueOf(problem.getMessage());
        X509Certificate server = chain[0];
        if (text.contains("certification path") || text.contains("trust anchor")) {
            X509Certificate last = chain[chain.length - 1];
            String issuer = last.getIssuerX500Principal().getName();
            return server.getIssuerX500Principal().equals(server.getSubjectX500Principal())
                    ? "unknown issuer: " + subject(server) + " signed its certificate itself, and that is not trusted"
                    : "unknown issuer: certificate of " + subject(server) + " leads to " + issuer
                            + ", which is not trusted";
        }
        if (text.startsWith("No subject alternative") || text.startsWith("No name matching")) {
            return "wrong host: certificate is for " + String.join(", ", names(server)) + ", not for " + host;
        }
        return text;
    }

    private static String subject(X509Certificate certificate) {
        return certificate.getSubjectX500Principal().getName();
    }

    /** Host names and addresses of a certificate; its subject when it has neither. */
    private static List<String> names(X509Certificate certificate) {
        List<String> names = new ArrayList<>();
        try {
            Collection<List<?>> all = certificate.getSubjectAlternativeNames();
            if (all != null) {
                all.forEach(entry -> names.add(String.valueOf(entry.get(1))));
            }
        } catch (CertificateParsingException e) {
            LOGGER.log(Level.DEBUG, "a certificate's names can't be read", e);
        }
        return names.isEmpty() ? List.of(subject(certificate)) : names;
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        runtime.checkClientTrusted(chain, authType, socket);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        runtime.checkClientTrusted(chain, authType, engine);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        runtime.checkClientTrusted(chain, authType);
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return runtime.getAcceptedIssuers();
    }
}
