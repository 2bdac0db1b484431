package org.halvs.check.protocol;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.halvs.check.CheckResult.Failed;
import org.halvs.check.CheckResult.Reason;
import org.halvs.check.CheckSpec.Exchange;

/** What the checks of databases are told. Immutable; its text holds no password. */
final class SqlLogin {
    final byte[] user;
    final byte[] password;
    final byte[] database;
    final byte[] query;

    SqlLogin(Exchange exchange) {
        String request = exchange.request().startsWith("/") ? exchange.request().substring(1) : exchange.request();
        this.user = bytes(exchange.login());
        this.password = bytes(exchange.password());
        this.database = bytes(exchange.database());
        this.query = bytes(request);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    /** Why there is nothing to check with, in ldirectord's words. */
    Optional<Failed> incomplete() {
        return user.length > 0 && query.length > 0
                ? Optional.empty()
                : Optional.of(new Failed(
                        Reason.NOT_POSSIBLE,
                        "Must specify a login and request string for MySQL, Oracle and PostgreSQL checks."));
    }

    @Override
    public String toString() {
        return "login of " + new String(user, StandardCharsets.ISO_8859_1);
    }
}
