package org.halvs.check.protocol;

import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import org.halvs.check.CheckResult;
import org.halvs.check.CheckResult.Failed;
import org.halvs.check.CheckResult.Passed;
import org.halvs.check.CheckResult.Reason;
import org.halvs.check.CheckSpec.Exchange;
import org.halvs.check.CheckTarget;
import org.halvs.check.Conversation;
import org.halvs.check.HealthChecker;
import org.halvs.check.Service;
import org.halvs.check.protocol.ReceivePattern.Match;

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

    /** The checker for all this: one whose first connection may be held by others where that is in plain text and to the target itself. */
    HealthChecker checker() {
        return !secure && (proxy ? url.isPresent() : url.isEmpty())
                ? new StreamedChecker(
                        (target, timeout) -> new HttpConversation(this, firstStep(target, target), target, timeout))
                : new GuardedChecker(this);
    }

    @Override
    public CheckResult hold(CheckTarget target, Deadline deadline) throws IOException {
        if (proxy && url.isEmpty()) {
            return new Failed(Reason.NOT_POSSIBLE, "a proxy is asked for a URL, not for " + path);
        }
        boolean direct = proxy || url.isEmpty();
        CheckTarget first = direct ? target : names.resolve(url.orElseThrow(), deadline);
        return ask(firstStep(first, target), first, deadline);
    }

    private Step firstStep(CheckTarget first, CheckTarget target) {
        // COMPAT: no port in the Host header, and that of the real server even when the URL names another host
        String host =
                !virtualHost.isEmpty() ? virtualHost : proxy ? url.orElseThrow().host() : hostOf(target);
        return new Step(first, secure, virtualHost, request(path, host), url, 0);
    }

    /**
     * One request and where it goes.
     *
     * @param redirects how many went before it
     */
    record Step(
            CheckTarget target,
            boolean secure,
            String serverName,
            String request,
            Optional<HttpUrl> url,
            int redirects) {}

    /** @param first where the first request of the check went, for the message that it could not */
    private CheckResult ask(Step step, CheckTarget first, Deadline deadline) throws IOException {
        Conversation.End end;
        try (Connection connection = step.secure
                        ? Connection.openTls(step.target, tls, step.serverName, deadline)
                        : Connection.open(step.target, deadline);
                HttpConversation conversation = new HttpConversation(this, step, first, deadline.whole())) {
            end = connection.hold(conversation);
        } catch (ConnectException e) {
            return notConnected(first, e);
        }
        return switch (end) {
            case Conversation.Over(CheckResult result) -> result;
            case Conversation.Onward(HealthChecker rest) -> rest.check(step.target, deadline.remaining());
        };
    }

    /** The text ldirectord's HTTP library has for it, which monitor files show. */
    static Failed notConnected(CheckTarget first, ConnectException e) {
        String why = String.valueOf(e.getMessage());
        return why.contains("timed out")
                ? new Failed(Reason.TIMED_OUT, "500 Can't connect to " + first + " (Connection timed out)")
                : new Failed(Reason.REFUSED, "500 Can't connect to " + first + " (" + why + ")");
    }

    /**
     * What is still to do for a response with which {@code step} has ended.
     *
     * @param first where the first request of the check went
     * @param whole the time the check has been given
     */
    Conversation.End judge(Step step, CheckTarget first, Duration whole, HttpResponse response) {
        Optional<HttpUrl> next = follows(step) && response.redirects() ? redirect(response, step) : Optional.empty();
        if (next.isPresent()) {
            return new Conversation.Onward(GuardedChecker.rest(
                    whole, (_, deadline) -> ask(follow(step, next.get(), deadline), first, deadline)));
        }
        if (response.status() / 100 != 2) {
            return new Conversation.Over(new Failed(Reason.UNEXPECTED_ANSWER, response.statusLine()));
        }
        Match match = receive.glance(response.body().text());
        if (match != Match.GIVEN_UP) {
            return new Conversation.Over(verdict(match, response));
        }
        return new Conversation.Onward(GuardedChecker.rest(whole, (_, deadline) -> {
            try (response) {
                return verdict(receive.find(response.body().text(), deadline), response);
            }
        }));
    }

    boolean follows(Step step) {
        return step.redirects < MAX_REDIRECTS;
    }

    HttpResponse awaited(Step step) {
        return new HttpResponse(head, follows(step));
    }

    private Step follow(Step step, HttpUrl to, Deadline deadline) throws IOException {
        CheckTarget target = names.resolve(to, deadline);
        String name = to.host();
        return new Step(
                target, to.secure(), name, request(to.path(), to.authority()), Optional.of(to), step.redirects + 1);
    }

    private Optional<HttpUrl> redirect(HttpResponse response, Step step) {
        String base = step.url
                .map(HttpUrl::toString)
                .orElseGet(() -> (step.secure ? "https://" : "http://") + step.target + path);
        return HttpUrl.resolve(base, response.location());
    }

    private static CheckResult verdict(Match match, HttpResponse response) {
        return switch (match) {
            case FOUND -> new Passed(response.statusLine());
            case NOT_FOUND ->
                new Failed(Reason.UNEXPECTED_ANSWER, response.body().start(DETAIL_BYTES));
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
        return target.address().bracketed();
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
