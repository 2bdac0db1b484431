package org.halvs.check.protocol;

import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.util.Optional;
import org.halvs.check.CheckResult;
import org.halvs.check.CheckResult.Failed;
import org.halvs.check.CheckResult.Passed;
import org.halvs.check.CheckResult.Reason;
import org.halvs.check.CheckSpec.Exchange;
import org.halvs.check.CheckTarget;
import org.halvs.check.Service;

/**
 * Services http, https and http_proxy: up when the final answer has a status of 2xx and its body contains what is expected. Immutable.
 *
 * <p>Up to {@link #MAX_REDIRECTS} redirects are followed, to other hosts too. A request that is a URL of the service's own scheme replaces target
 * and path; for a proxy the request is the URL to ask for.
 */
final class HttpCheck implements Dialogue {
    static final int MAX_REDIRECTS = 7;

    /** What of a body that does not match becomes the detail of the result. */
    private static final int DETAIL_BYTES = 4096;

    private final Tls tls;
    private final HostNames names;
    private final String userAgent;
    private final boolean head;
    private final String virtualHost;
    private final ReceivePattern receive;
    private final Optional<HttpUrl> url;
    private final boolean proxy;
    private final boolean secure;
    private final String path;

    HttpCheck(Exchange exchange, Tls tls, HostNames names, String userAgent) {
        this.tls = tls;
        this.names = names;
        this.userAgent = userAgent;
        this.head = exchange.httpMethod().equals("HEAD");
        this.virtualHost = exchange.virtualHost();
        this.receive = new ReceivePattern(exchange.receive());
        this.proxy = exchange.service() == Service.HTTP_PROXY;
        this.secure = exchange.service() == Service.HTTPS;
        String request = exchange.request();
        String absolute = request.startsWith("/http") ? request.substring(1) : request;
        this.url = proxy || absolute.startsWith(exchange.service().word() + "://")
                ? HttpUrl.parse(absolute)
                : Optional.empty();
        this.path = proxy ? absolute : url.map(HttpUrl::path).orElse(request.startsWith("/") ? request : "/" + request);
    }

    @Override
    public CheckResult hold(CheckTarget target, Deadline deadline) throws IOException {
        if (proxy && url.isEmpty()) {
            return new Failed(Reason.NOT_POSSIBLE, "a proxy is asked for a URL, not for " + path);
        }
        boolean direct = proxy || url.isEmpty();
        CheckTarget first = direct ? target : names.resolve(url.orElseThrow(), deadline);
        // COMPAT: no port in the Host header, and that of the real server even when the URL names another host
        String host =
                !virtualHost.isEmpty() ? virtualHost : proxy ? url.orElseThrow().host() : hostOf(target);
        try {
            return ask(new Step(first, secure, virtualHost, request(path, host), url), 0, deadline);
        } catch (ConnectException e) {
            // the text ldirectord's HTTP library has for it, which monitor files show
            String why = String.valueOf(e.getMessage());
            return why.contains("timed out")
                    ? new Failed(Reason.TIMED_OUT, "500 Can't connect to " + first + " (Connection timed out)")
                    : new Failed(Reason.REFUSED, "500 Can't connect to " + first + " (" + why + ")");
        }
    }

    /** One request and where it goes. */
    private record Step(CheckTarget target, boolean secure, String serverName, String request, Optional<HttpUrl> url) {}

    private CheckResult ask(Step step, int redirects, Deadline deadline) throws IOException {
        Optional<HttpUrl> next;
        try (Connection connection = step.secure
                        ? Connection.openTls(step.target, tls, step.serverName, deadline)
                        : Connection.open(step.target, deadline);
                AnswerBody body = new AnswerBody()) {
            connection.send(step.request);
            HttpResponse response = HttpResponse.readHeader(connection);
            next = redirects < MAX_REDIRECTS ? redirect(response, step) : Optional.empty();
            if (next.isEmpty()) {
                response.readBody(head, body);
                return judge(response, body, deadline);
            }
        }
        return follow(next.get(), redirects + 1, deadline);
    }

    private CheckResult follow(HttpUrl to, int redirects, Deadline deadline) throws IOException {
        CheckTarget target = names.resolve(to, deadline);
        String request = request(to.path(), to.authority());
        return ask(new Step(target, to.secure(), to.host(), request, Optional.of(to)), redirects, deadline);
    }

    private Optional<HttpUrl> redirect(HttpResponse response, Step step) {
        return switch (response.status()) {
            case 301, 302, 303, 307, 308 -> {
                if (response.location().isEmpty()) {
                    yield Optional.empty();
                }
                String base = step.url
                        .map(HttpUrl::toString)
                        .orElseGet(() -> (step.secure ? "https://" : "http://") + step.target + path);
                yield HttpUrl.resolve(base, response.location());
            }
            default -> Optional.empty();
        };
    }

    private CheckResult judge(HttpResponse response, AnswerBody body, Deadline deadline) {
        if (response.status() / 100 != 2) {
            return new Failed(Reason.UNEXPECTED_ANSWER, response.statusLine());
        }
        return switch (receive.find(body.text(), deadline)) {
            case FOUND -> new Passed(response.statusLine());
            case NOT_FOUND -> new Failed(Reason.UNEXPECTED_ANSWER, body.start(DETAIL_BYTES));
            case GIVEN_UP -> new Failed(Reason.UNEXPECTED_ANSWER, ReceivePattern.TOO_SLOW);
        };
    }

    private String request(String requestTarget, String host) {
        return (head ? "HEAD " : "GET ") + requestTarget + " HTTP/1.1\r\n"
                + "Connection: close\r\n"
                + "Host: " + host + "\r\n"
                + "User-Agent: " + userAgent + "\r\n"
                + "\r\n";
    }

    private static String hostOf(CheckTarget target) {
        return target.address().isIpv4() ? target.address().toString() : "[" + target.address() + "]";
    }

    /** A URL of scheme http or https, its parts as they are sent. */
    record HttpUrl(boolean secure, String host, int port, String path) {
        static Optional<HttpUrl> parse(String text) {
            try {
                return of(URI.create(text));
            } catch (IllegalArgumentException e) {
                return Optional.empty();
            }
        }

        static Optional<HttpUrl> resolve(String base, String location) {
            try {
                return of(URI.create(base).resolve(location));
            } catch (IllegalArgumentException e) {
                return Optional.empty();
            }
        }

        private static Optional<HttpUrl> of(URI uri) {
            String scheme = uri.getScheme() == null ? "" : uri.getScheme();
            boolean secure = scheme.equalsIgnoreCase("https");
            if (uri.getHost() == null || !secure && !scheme.equalsIgnoreCase("http") || uri.getPort() > 65535) {
                return Optional.empty();
            }
            String path = uri.getRawPath() == null || uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
            String query = uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery();
            int port = uri.getPort() >= 0 ? uri.getPort() : secure ? 443 : 80;
            return Optional.of(new HttpUrl(secure, uri.getHost(), port, path + query));
        }

        String authority() {
            return port == (secure ? 443 : 80) ? host : host + ":" + port;
        }

        @Override
        public String toString() {
            return (secure ? "https://" : "http://") + authority() + path;
        }
    }
}
