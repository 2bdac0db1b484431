package org.halvs.check.protocol;

import java.io.IOException;
import java.net.Socket;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.halvs.check.CheckTarget;
import org.halvs.linux.IpAddress;

/**
 * TLS as a client. Thread-safe.
 *
 * <p>By default any certificate will do: real servers carry self-signed ones, those of a private authority, or one for the name of the
 * virtual service, and a check asks whether the server works. When certificates are verified, chain and name both are.
 */
final class Tls {
    private static final int SESSIONS = 4096;

    private final SSLContext context;
    private final boolean verifying;

    private Tls(SSLContext context, boolean verifying) {
        this.context = context;
        this.verifying = verifying;
        context.getClientSessionContext().setSessionCacheSize(SESSIONS);
    }

    static Tls acceptingAnyCertificate() {
        return new Tls(context(new TrustManager[] {new AcceptEverything()}), false);
    }

    /** Verifies issuer, time and name, by the authorities of {@code file} or else of the system. */
    static Tls verifyingCertificates(Optional<Path> file) {
        return new Tls(context(new TrustManager[] {CertificateVerifier.trusting(file)}), true);
    }

    private static SSLContext context(TrustManager[] trustManagers) {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, trustManagers, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java runtime has no TLS", e);
        }
    }

    /**
     * Does the handshake over a connected socket.
     *
     * @param name sent as server name (SNI) and, when certificates are verified, wanted in the certificate; empty for the address of {@code target}
     */
    SSLSocket handshake(Socket socket, CheckTarget target, String name) throws IOException {
        String peer = name.isEmpty() ? target.address().toString() : name;
        SSLSocket tls = (SSLSocket) context.getSocketFactory().createSocket(socket, peer, target.port(), true);
        SSLParameters parameters = tls.getSSLParameters();
        if (isHostName(name)) {
            parameters.setServerNames(List.of(new SNIHostName(name)));
        }
        if (verifying) {
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
        }
        tls.setSSLParameters(parameters);
        tls.startHandshake();
        return tls;
    }

    private static boolean isHostName(String name) {
        if (name.isEmpty() || IpAddress.parse(name).isPresent()) {
            return false;
        }
        try {
            new SNIHostName(name);
            return true;
        } catch (IllegalArgumentException e) {
            return false; // a name no certificate can carry: go without
        }
    }

    private static final class AcceptEverything extends X509ExtendedTrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
