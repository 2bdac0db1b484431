package org.halvs.linux;

/**
 * A system call that failed. Carries what was called, on which object, and {@code errno}, so that callers can tell the
 * outcomes they expect (an address that is already there) from those they do not.
 */
public final class LinuxException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String call;
    private final Errno errno;
    private final String message;

    /**
     * @param call the system call or request, as a manual page names it ({@code "bind"}, {@code "RTM_NEWADDR"})
     * @param errno the error the kernel answered
     * @param subject the object it was meant for, in words a reader of a log understands
     *     ({@code "192.0.2.1/24 on eth0"})
     */
    public LinuxException(String call, Errno errno, String subject) {
        this.message = call + " failed for " + subject + ": " + errno.text() + " (" + errno.name() + ")";
        this.call = call;
        this.errno = errno;
    }

    public String call() {
        return call;
    }

    public Errno errno() {
        return errno;
    }

    /** What was called, on what, and what the kernel answered; never null. */
    @Override
    public String getMessage() {
        return message;
    }
}
