package org.halvs.check.protocol;

import java.io.IOException;
import java.net.InetAddress;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.halvs.check.CheckTarget;
import org.halvs.linux.IpAddress;

/**
 * Host names of redirects and full URLs. The look-up of the C library cannot be cancelled and holds its thread, so it runs on a few platform
 * threads ({@code check-names}) that are there only while somebody asks. Thread-safe.
 */
final class HostNames {
    private static final int THREADS = 4;
    private static final int WAITING = 256;

    private final ExecutorService lookups;

    HostNames() {
        ThreadPoolExecutor pool = new ThreadPoolExecutor(
                THREADS,
                THREADS,
                5,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(WAITING),
                Thread.ofPlatform().daemon().name("check-names").factory());
        pool.allowCoreThreadTimeOut(true);
        this.lookups = pool;
    }

    CheckTarget resolve(HttpCheck.HttpUrl url, Deadline deadline) throws IOException {
        return new CheckTarget(resolve(url.host(), deadline), url.port());
    }

    /** The first address of {@code host}, which may be a literal one, in brackets if it is IPv6. */
    IpAddress resolve(String host, Deadline deadline) throws IOException {
        String bare = host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
        var literal = IpAddress.parse(bare);
        if (literal.isPresent()) {
            return literal.get();
        }
        try {
            Future<InetAddress> lookup = lookups.submit(() -> InetAddress.getByName(bare));
            return IpAddress.of(lookup.get(deadline.remainingMillis(), TimeUnit.MILLISECONDS));
        } catch (ExecutionException | RejectedExecutionException e) {
            throw new UnknownHostException(bare);
        } catch (TimeoutException e) {
            throw new SocketTimeoutException("looking up " + bare);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new SocketTimeoutException("looking up " + bare);
        }
    }
}
